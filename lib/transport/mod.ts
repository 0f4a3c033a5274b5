/**
 * The only room that opens sockets: TCP, TLS and UDP behind two small interfaces, a pair
 * of ends in memory, and wrappers that record or spoil what passes.
 *
 * @module
 */

export { type ByteStream, byteStreamOver, type RawDuplex, type TlsInfo } from "./byte_stream.ts";
export {
  type Certificate,
  certificateFingerprint,
  derOfPem,
  type FingerprintHash,
  makeSelfSignedCertificate,
  type SelfSignedOptions,
} from "./certificate.ts";
export {
  type AlternativeName,
  type CertificateFacts,
  type CertificateLimits,
  type CertificateNames,
  readCertificate,
} from "./certificate_facts.ts";
export { isAddress, resolveHost } from "./dns.ts";
export type { DnsOptions } from "./dns_query.ts";
export { type NaptrRecord, resolveNaptr, resolveSrv, type SrvRecord } from "./dns_records.ts";
export {
  type DatagramFaults,
  type Faults,
  type FaultyDatagramOptions,
  faultyDatagrams,
  type FaultyOptions,
  faultyStream,
} from "./faulty.ts";
export type { Listener, WaitOptions } from "./listener.ts";
export { type InterfaceAddress, localAddressTowards } from "./local_address.ts";
export { type MemoryStreamOptions, memoryStreamPair } from "./memory.ts";
export { recordDatagrams, type RecordingOptions, recordStream } from "./recording.ts";
export { connectTcp, listenTcp } from "./tcp.ts";
export { connectTls, type ConnectTlsOptions } from "./tls.ts";
export type { TlsTrust } from "./tls_judgement.ts";
export { listenTls, type ListenTlsOptions } from "./tls_listener.ts";
export { bindUdp, type Datagram, type DatagramSocket, type UdpOptions } from "./udp.ts";
export { openWebSocket, type WebSocketOptions } from "./websocket.ts";
export { WrappedDuplex } from "./wrapped_duplex.ts";
export type { HostPort } from "../base/wire_tap.ts";
