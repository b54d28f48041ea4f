// Echo backends: what a simulated pod answers, and what it writes into its log.

import type { Body } from "../../http/body.ts";
import { BytesBody } from "../../http/body.ts";
import type { Handler } from "../../http/handler.ts";
import { HeaderList } from "../../http/header-list.ts";
import type { ProxyRequest } from "../../http/request.ts";
import { ProxyResponse } from "../../http/response.ts";
import type { ProxyError } from "../../net/error.ts";
import { listAt, textAt } from "../json.ts";
import type { KubeObject } from "../kube/object.ts";
import { accessLine } from "./access-line.ts";
import { answerWebSocket } from "./web-socket-echo.ts";
import { whoamiText } from "./whoami.ts";

/** Which pod answers, and on whose behalf. */
export interface EchoIdentity {
  readonly pod: string;
  /** Name of the Deployment, or of whatever made the pod. */
  readonly workload: string;
}

/** Told of each answered request. */
export type EchoLog = (line: { readonly time: number; readonly text: string }) => void;

type Page = (request: ProxyRequest) => string;

const encoder = new TextEncoder();

/**
 * Makes the handler of one container.
 * @param container its spec: decides what the pages say
 */
export function createEcho(container: unknown, identity: EchoIdentity, log: EchoLog): Handler {
  const page = pageOf(container, identity);
  return (request) => {
    if (request.upgrade === "websocket") return converse(request, log);
    const answer = () => {
      const bytes = encoder.encode(page(request));
      const time = new Date();
      log({ time: time.getTime(), text: accessLine(request, 200, bytes.length, time) });
      const headers = HeaderList.of(["Content-Type", "text/plain; charset=utf-8"]);
      // For GET the body tells its length; an answer to HEAD has none that could.
      if (request.method === "HEAD") headers.append("Content-Length", String(bytes.length));
      return new ProxyResponse(200, headers, new BytesBody(bytes));
    };
    return request.body === undefined ? answer() : drain(request.body).then(answer);
  };
}

async function converse(request: ProxyRequest, log: EchoLog): Promise<ProxyResponse> {
  const answer = await answerWebSocket(request);
  const time = new Date();
  log({ time: time.getTime(), text: accessLine(request, answer.status, 0, time) });
  return answer;
}

/** Reads a body to its end and keeps nothing. */
function drain(body: Body): Promise<void> {
  return new Promise((resolve, reject: (error: ProxyError) => void) => {
    body.start({ chunk: () => true, end: resolve, fail: reject });
  });
}

function pageOf(container: unknown, identity: EchoIdentity): Page {
  const whoami: Page = (request) => whoamiText(request, identity);
  const root = indexText(container) ?? myAppText(container);
  if (root === undefined) return whoami;
  return (request) => {
    if (request.path === "/" || request.path === "/index.html") return root;
    if (request.path === "/hostname.html") return `${identity.pod}\n`;
    return whoami(request);
  };
}

/** What a container's start writes into its index page: `echo Hello app-v1 > …/index.html`. */
function indexText(container: unknown): string | undefined {
  const commands = [
    listAt(container, "lifecycle", "postStart", "exec", "command"),
    [...listAt(container, "command"), ...listAt(container, "args")],
  ];
  for (const command of commands) {
    const text = /\becho\s+(?:-[neE]+\s+)*([^\n;&|>]*?)\s*>\s*\S*index\.html\b/.exec(command.join(" "))?.[1];
    if (text !== undefined) return `${text.replace(/^(["'])(.*)\1$/, "$2")}\n`;
  }
  return undefined;
}

/** The page of the image `ikubernetes/myapp`, whose version is its tag. */
function myAppText(container: unknown): string | undefined {
  const image = textAt(container, "image") ?? "";
  const match = /(?:^|\/)myapp(?::([^@/]+))?(?:@|$)/.exec(image);
  if (match === null) return undefined;
  return `Hello MyApp | Version: ${match[1] ?? "latest"} | <a href="hostname.html">Pod Name</a>\n`;
}

/** The container that answers on a port: the one that declares it, or the first. */
export function containerAt(pod: KubeObject, port: number): unknown {
  const containers = listAt(pod, "spec", "containers");
  const declares = (container: unknown) =>
    listAt(container, "ports").some((each) =>
      typeof each === "object" && each !== null && "containerPort" in each && each.containerPort === port
    );
  return containers.find(declares) ?? containers[0];
}
