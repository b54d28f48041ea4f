// One HTTPS request on a connection of its own, and whose certificate was shown.

import { request } from "node:https";
import type { ConnectionOptions, TLSSocket } from "node:tls";

/** What was answered. */
export interface SecureAnswer {
  readonly status: number;
  readonly body: string;
  /** Of the server's certificate. */
  readonly subject: string;
}

/** Asks by HTTPS, on a connection of its own. @param host what the request names, where not what the handshake does */
export function askSecure(
  port: number,
  serverName: string,
  host = serverName,
  more: ConnectionOptions = {},
): Promise<SecureAnswer> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, servername: serverName, headers: { Host: host }, agent: false, ...more };
    const sent = request({ rejectUnauthorized: false, timeout: 10_000, ...options }, (response) => {
      const subject = String((response.socket as TLSSocket).getPeerCertificate().subject?.CN ?? "");
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => void (body += text));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body, subject }));
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer")));
    sent.on("error", reject);
    sent.end();
  });
}
