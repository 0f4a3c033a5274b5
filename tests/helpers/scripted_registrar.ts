/** A core that registers, with the test as its registrar. */
import {
  headerValues,
  parseNameAddress,
  type RegistrationEvent,
  type RegistrationOptions,
  type SipRequest,
  type UserAgentOptions,
} from "../../lib/sip/mod.ts";
import { type ResponseParts, responseText, ScriptedSip, type Sent } from "./scripted_sip.ts";

/** One registration and whoever answers it. */
export class ScriptedRegistrar extends ScriptedSip {
  readonly registration: number;

  /**
   * @param options What is registered, beside `sip:alice@example.com`.
   * @param agent What differs from the usual core.
   */
  constructor(
    options: Partial<RegistrationOptions> = {},
    agent: Partial<UserAgentOptions> = {},
  ) {
    super(agent);
    const { registration, outputs } = this.core.register({
      address: parseNameAddress("<sip:alice@example.com>"),
      ...options,
    }, this.now);
    this.registration = registration;
    this.take(outputs);
  }

  /** The last REGISTER. */
  get register(): Sent<SipRequest> {
    return this.lastRequest("REGISTER");
  }

  /** Answers the last REGISTER. */
  answer(status: number, parts: ResponseParts = {}): SipRequest {
    const { message } = this.register;
    this.receive(responseText(message, status, { contact: undefined, ...parts }));
    return message;
  }

  /** Answers 200 with its own Contact, bound for so many seconds. */
  bind(expires: number, headers: readonly string[] = []): SipRequest {
    const [contact = ""] = headerValues(this.register.message, "Contact");
    const bound = contact.replace(/expires=\d+/, `expires=${expires}`);
    return this.answer(200, { headers: [`Contact: ${bound}`, ...headers] });
  }

  /** Takes it back. */
  end(): this {
    return this.take(this.core.unregister(this.registration, this.now));
  }

  /** The events since the last time. */
  told(): RegistrationEvent[] {
    return this.events.splice(0).flatMap((it) => it.type === "registration" ? [it.event] : []);
  }

  /** Their names. */
  names(): string[] {
    return this.told().map((it) => it.type);
  }
}
