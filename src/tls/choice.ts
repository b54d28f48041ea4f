// What a ClientHello is answered with: a server and a certificate, or a refusal.

import type { ClientHello } from "../net/client-hello.ts";
import { ALERT, type SecureServer, type TlsIdentity } from "../net/tls.ts";

/** How a handshake is done. */
export interface TlsChoice {
  readonly server: SecureServer;
  /** undefined: no certificate is for the client, whom the server then refuses. */
  readonly identity: TlsIdentity | undefined;
  /** Key of the option set. */
  readonly optionsKey: string;
}

/** Why there is none. */
export interface TlsRefusal {
  readonly reason: string;
  readonly alert: number;
}

/**
 * Chooses for one client.
 * @param localIp where it connected to
 */
export type ChooseTls = (hello: ClientHello, localIp: string) => TlsChoice | TlsRefusal;

/** The refusal of clients that ask for a name nobody serves, or nobody can serve as wanted. */
export function unrecognizedName(reason: string): TlsRefusal {
  return { reason, alert: ALERT.unrecognizedName };
}
