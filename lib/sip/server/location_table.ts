/** Who can be reached where: the bindings that the registrar writes and the proxy reads (RFC 3261 §10.3, RFC 5626 §6). */

import type { Instant } from "../../base/output.ts";
import { normalizeHost } from "../message/host.ts";
import type { NameAddress } from "../message/name_address.ts";
import { sameUri } from "../message/uri_comparison.ts";
import { isSipUri, type Uri } from "../message/uri.ts";
import type { Flow } from "../user_agent/destination.ts";
import { DeadlineQueue } from "./deadline_queue.ts";

/** One contact of one user. */
export interface Binding {
  readonly user: string;
  /** As it was registered, without `expires`. */
  readonly contact: NameAddress;
  readonly expiresAt: Instant;
  /** Call-ID and CSeq number of the request that wrote it. */
  readonly callId: string;
  readonly sequence: number;
  /** Instance and flow number, where they identify the binding in the place of the URI (RFC 5626 §6). */
  readonly outbound: { readonly instance: string; readonly regId: number } | undefined;
  /**
   * The flow that leads to the one who registered, when the contact is that one itself: requests
   * take it as long as it is there (note sip-server-2).
   */
  readonly flow: Flow | undefined;
}

/** How much a table holds. */
export interface BindingLimits {
  /** Most contacts of one user. Default 10. */
  readonly contactsPerUser?: number | undefined;
  /** Most contacts of all users. Default 10,000. */
  readonly contacts?: number | undefined;
}

/** All bindings of one server. */
export class LocationTable {
  readonly #limits: Required<{ [Name in keyof BindingLimits]: number }>;
  readonly #users = new Map<string, readonly Binding[]>();
  /** Bindings by the host and port of their contact, for requests that name a contact. */
  readonly #places = new Map<string, Set<Binding>>();
  readonly #flows = new Map<number, Set<Binding>>();
  readonly #deadlines = new DeadlineQueue<Binding>();

  /** @param limits How much it holds. */
  constructor(limits: BindingLimits = {}) {
    this.#limits = {
      contactsPerUser: limits.contactsPerUser ?? 10,
      contacts: limits.contacts ?? 10_000,
    };
  }

  /** Bindings of all users. */
  get size(): number {
    return this.#deadlines.size;
  }

  /** When {@link expire} has something to do, if ever. */
  get deadline(): Instant | undefined {
    return this.#deadlines.earliest;
  }

  /** The valid bindings of a user, in the order in which they were made. */
  bindings(user: string, now: Instant): readonly Binding[] {
    return (this.#users.get(user) ?? []).filter((it) => it.expiresAt > now);
  }

  /** A binding whose contact is `uri`. */
  byContact(uri: Uri, now: Instant): Binding | undefined {
    for (const binding of this.#places.get(placeOf(uri)) ?? []) {
      if (binding.expiresAt > now && sameUri(binding.contact.uri, uri)) return binding;
    }
    return undefined;
  }

  /** Whether requests travel to somebody over this connection. */
  usesFlow(connection: number): boolean {
    return this.#flows.has(connection);
  }

  /**
   * Replaces the bindings of a user.
   *
   * @returns `false`, and nothing changes, when they would be too many.
   */
  replace(user: string, bindings: readonly Binding[]): boolean {
    const before = this.#users.get(user) ?? [];
    const isMore = bindings.length > before.length;
    if (isMore && bindings.length > this.#limits.contactsPerUser) return false;
    if (isMore && this.size - before.length + bindings.length > this.#limits.contacts) return false;
    for (const binding of before) this.#unlink(binding);
    for (const binding of bindings) this.#link(binding);
    if (bindings.length === 0) this.#users.delete(user);
    else this.#users.set(user, bindings);
    return true;
  }

  /** Removes what has expired, and tells what that was. */
  expire(now: Instant): Binding[] {
    const due = this.#deadlines.takeDue(now);
    for (const binding of due) this.#remove(binding);
    return due;
  }

  /**
   * A connection ended. Bindings that are nothing but this flow go with it (RFC 5626 §6);
   * the others lose it, and are reached by their contact.
   *
   * @returns What was removed.
   */
  dropFlow(connection: number): Binding[] {
    const removed: Binding[] = [];
    for (const binding of [...this.#flows.get(connection) ?? []]) {
      if (binding.outbound !== undefined) {
        this.#remove(binding);
        removed.push(binding);
      } else {
        const others = this.#users.get(binding.user) ?? [];
        const kept: Binding = { ...binding, flow: undefined };
        this.replace(binding.user, others.map((it) => it === binding ? kept : it));
      }
    }
    return removed;
  }

  #remove(binding: Binding): void {
    const left = (this.#users.get(binding.user) ?? []).filter((it) => it !== binding);
    this.#unlink(binding);
    if (left.length === 0) this.#users.delete(binding.user);
    else this.#users.set(binding.user, left);
  }

  #link(binding: Binding): void {
    this.#deadlines.set(binding, binding.expiresAt);
    addTo(this.#places, placeOf(binding.contact.uri), binding);
    const connection = binding.flow?.connection;
    if (connection !== undefined) addTo(this.#flows, connection, binding);
  }

  #unlink(binding: Binding): void {
    this.#deadlines.set(binding, undefined);
    removeFrom(this.#places, placeOf(binding.contact.uri), binding);
    const connection = binding.flow?.connection;
    if (connection !== undefined) removeFrom(this.#flows, connection, binding);
  }
}

function placeOf(uri: Uri): string {
  return isSipUri(uri) ? `${normalizeHost(uri.host)} ${uri.port ?? ""}` : uri.scheme;
}

function addTo<Key, Item>(map: Map<Key, Set<Item>>, key: Key, item: Item): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, new Set([item]));
  else items.add(item);
}

function removeFrom<Key, Item>(map: Map<Key, Set<Item>>, key: Key, item: Item): void {
  const items = map.get(key);
  items?.delete(item);
  if (items?.size === 0) map.delete(key);
}
