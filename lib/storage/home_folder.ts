/** The home folder: what lies where in it, and that only its owner can read it. */

/** Names of everything below one folder. Holding one creates nothing. */
export class HomeFolder {
  /** The folder itself. */
  readonly path: string;

  /** @param path As the person named it, absolute or relative to the working folder. */
  constructor(path: string) {
    this.path = path;
  }

  /** Accounts, policies, notifications. */
  get configFile(): string {
    return `${this.path}/config.toml`;
  }

  /** Keys and trust. */
  get chatFolder(): string {
    return `${this.path}/chat`;
  }

  /** One DSA key for all accounts, in Blink's layout. */
  get privateKeyFile(): string {
    return `${this.chatFolder}/private_key.dsa`;
  }

  /** Whom we trust, in Blink's layout. */
  get trustedPeersFile(): string {
    return `${this.chatFolder}/trusted_peers`;
  }

  /** Which of them SMP verified. */
  get smpVerifiedFile(): string {
    return `${this.chatFolder}/smp_verified`;
  }

  /** Our OTR instance tag per account. */
  get instanceTagsFile(): string {
    return `${this.chatFolder}/instance_tags`;
  }

  /** Which device this is, for SIP registrars. */
  get instanceIdFile(): string {
    return `${this.path}/sip_instance`;
  }

  /** Who failed to answer our secret, and when. */
  get smpFailuresFile(): string {
    return `${this.chatFolder}/smp_failures`;
  }

  /** The OTR key of the bots of `sotto lab`. */
  get labKeyFile(): string {
    return `${this.path}/lab/private_key.dsa`;
  }

  /** Our certificate and key for direct TLS. */
  get tlsFolder(): string {
    return `${this.path}/tls`;
  }

  /** Our certificate (PEM). */
  get tlsCertificateFile(): string {
    return `${this.tlsFolder}/certificate.pem`;
  }

  /** The key of our certificate (PEM). */
  get tlsKeyFile(): string {
    return `${this.tlsFolder}/key.pem`;
  }

  /** Settings per contact. */
  get contactsFile(): string {
    return `${this.path}/contacts.toml`;
  }

  /** Messages with their encryption status. */
  get historyFile(): string {
    return `${this.path}/history.sqlite`;
  }
}
