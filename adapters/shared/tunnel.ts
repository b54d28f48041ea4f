// Connections through an HTTP proxy, by CONNECT, as agents of node:http and node:https.

import * as http from "node:http";
import * as https from "node:https";
import { Duplex } from "node:stream";
import * as tls from "node:tls";
import { ProxyError } from "../../src/net/error.ts";

/** Agents whose connections go through a proxy. */
export interface TunnelAgents {
  readonly "http:": http.Agent;
  readonly "https:": https.Agent;
}

/** The target of a connection, as agents name it. */
interface Target {
  readonly host?: string | null | undefined;
  readonly port?: number | string | null | undefined;
  readonly servername?: string | undefined;
}

/**
 * @param proxyUrl `http://` or `https://`, checked by the caller
 * @param options of both agents
 * @param tlsOptions of the connection inside the tunnel
 */
export function createTunnel(
  proxyUrl: string,
  options: http.AgentOptions,
  tlsOptions: tls.ConnectionOptions,
): TunnelAgents {
  const proxy = new URL(proxyUrl);
  const plain = new http.Agent(options);
  plain.createConnection = (target, created = nobody) => {
    open(proxy, target).then((socket) => created(null, socket), (error) => created(error, new Duplex()));
    return undefined;
  };
  const secure = new https.Agent(options);
  secure.createConnection = (target, created = nobody) => {
    // An IP address is no server name; without one the certificate is checked against the host.
    const name = { host: target.host ?? "", ...(target.servername && { servername: target.servername }) };
    open(proxy, target).then(
      (socket) => created(null, tls.connect({ ...name, ...tlsOptions, socket })),
      (error) => created(error, new Duplex()),
    );
    return undefined;
  };
  return { "http:": plain, "https:": secure };
}

function nobody(): void {}

function open(proxy: URL, target: Target): Promise<Duplex> {
  const authority = `${bracketed(target.host ?? "")}:${target.port ?? 443}`;
  const headers: Record<string, string> = { host: authority };
  if (proxy.username !== "") headers["proxy-authorization"] = `Basic ${credentials(proxy)}`;
  const [client, port] = proxy.protocol === "https:" ? [https, 443] : [http, 80];
  return new Promise((resolve, reject) => {
    const request = client.request({
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port === "" ? port : Number(proxy.port),
      method: "CONNECT",
      path: authority,
      headers,
      agent: false,
    });
    request.once("connect", (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(refused(proxy, `answers CONNECT ${authority} with ${response.statusCode}`));
    });
    request.once("error", (cause) => reject(refused(proxy, cause.message, cause)));
    request.end();
  });
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function credentials({ username, password }: URL): string {
  return Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
}

function refused(proxy: URL, reason: string, cause?: unknown): ProxyError {
  const message = `the proxy ${proxy.protocol}//${proxy.host} ${reason}`;
  return new ProxyError(message, { code: "connect-failed", source: "upstream", status: 502, cause });
}
