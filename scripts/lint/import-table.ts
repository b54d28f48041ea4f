// Which folder may import which: the architecture as data. ARCHITECTURE.md shows the same table, compared by a script.

/** One row: a folder or a single file, and the parts it may import besides itself. */
export interface ImportRow {
  readonly part: string;
  readonly responsibility: string;
  /** `anything`: no limit at all. */
  readonly mayImport: readonly string[] | "anything";
}

const CORE = [
  "src/net",
  "src/http",
  "src/yaml",
  "src/schema",
  "src/http1",
  "src/http2",
  "src/config",
  "src/rule",
  "src/balancer",
  "src/telemetry",
  "src/tls",
  "src/middleware",
  "src/service",
  "src/router",
  "src/build",
  "src/entrypoint",
  "src/provider",
  "src/api",
  "src/dev",
];

/** Lower layers first: a row imports rows above it only. */
export const importTable: readonly ImportRow[] = [
  {
    part: "src/net",
    responsibility: "ports: `Runtime`, `Connection`, addresses, CIDR; the first bytes of a connection",
    mayImport: [],
  },
  {
    part: "src/yaml",
    responsibility: "YAML behind the API shape of `@std/yaml`; imported as `#yaml`",
    mayImport: [],
  },
  {
    part: "src/http",
    responsibility: "the message model: request and response, header list, canonical path, forwarded headers, bodies",
    mayImport: ["src/net"],
  },
  {
    part: "src/schema",
    responsibility: "zod primitives with Go's spellings; problems with field path and position",
    mayImport: ["src/net"],
  },
  {
    part: "src/http1",
    responsibility: "the strict HTTP/1.1 codec, pure: no sockets, no timers",
    mayImport: ["src/http", "src/net"],
  },
  {
    part: "src/http2",
    responsibility: "the HTTP/2 codec, pure: frames, HPACK, flow control, floods; both sides",
    mayImport: ["src/http", "src/http1", "src/net"],
  },
  {
    part: "src/telemetry",
    responsibility: "logger, access log, metrics registry, tracing",
    mayImport: ["src/http"],
  },
  {
    part: "src/balancer",
    responsibility: "protocol-free choice: weighted round robin, p2c, hrw, least time; sticky; health set",
    mayImport: ["src/net"],
  },
  {
    part: "src/rule",
    responsibility: "the rule language: text to tree to matcher, priority; v3 and v2",
    mayImport: ["src/http", "src/net"],
  },
  {
    part: "src/middleware",
    responsibility: "one file per middleware: schema, documentation line, constructor; `registry.ts` lists them",
    mayImport: ["src/http", "src/net", "src/schema", "src/telemetry"],
  },
  {
    part: "src/config",
    responsibility: "static and dynamic configuration: schemas, loading, layering, merging, diagnostics",
    mayImport: ["src/schema", "src/net", "src/rule", "src/middleware", "src/yaml"],
  },
  {
    part: "src/tls",
    responsibility: "certificate store, choice by server name, TLS options, default certificate",
    mayImport: ["src/net", "src/config", "src/telemetry"],
  },
  {
    part: "src/service",
    responsibility: "load balancer, weighted, mirroring, failover; sends requests to servers; upstream pools",
    mayImport: ["src/http", "src/http1", "src/http2", "src/net", "src/config", "src/balancer", "src/telemetry"],
  },
  {
    part: "src/router",
    responsibility: "the ordered routes of an entry point, behind a host index",
    mayImport: ["src/rule", "src/http", "src/net", "src/telemetry"],
  },
  {
    part: "src/build",
    responsibility: "pure: dynamic configuration to routing table and the status of each part",
    mayImport: [
      "src/net",
      "src/http",
      "src/schema",
      "src/http1",
      "src/http2",
      "src/config",
      "src/rule",
      "src/balancer",
      "src/telemetry",
      "src/tls",
      "src/middleware",
      "src/service",
      "src/router",
    ],
  },
  {
    part: "src/entrypoint",
    responsibility: "a listener's behaviour: limits, first bytes, HTTP/1 or 2, hand to router; drain",
    mayImport: ["src/net", "src/http", "src/http1", "src/http2", "src/tls", "src/router", "src/telemetry"],
  },
  {
    part: "src/provider",
    responsibility: "sources of dynamic configuration: file, internal, Kubernetes",
    mayImport: ["src/config", "src/rule", "src/net", "src/schema", "src/telemetry", "src/yaml"],
  },
  {
    part: "src/api",
    responsibility: "`/api`, `/dashboard`, `/ping`, `/metrics`",
    mayImport: ["src/schema", "src/config", "src/build", "src/telemetry"],
  },
  {
    part: "src/dev",
    responsibility: "the local cluster: an embedded Kubernetes API and echo backends",
    mayImport: ["src/config", "src/schema", "src/net", "src/http", "src/yaml"],
  },
  {
    part: "src/check",
    responsibility: "`weir check`: manifests and files judged without running them; findings in four formats",
    mayImport: [
      "src/net",
      "src/http",
      "src/yaml",
      "src/schema",
      "src/config",
      "src/rule",
      "src/telemetry",
      "src/middleware",
      "src/service",
      "src/build",
      "src/provider",
      "src/dev",
    ],
  },
  {
    part: "src/version.ts",
    responsibility: "the version weir tells",
    mayImport: [],
  },
  {
    part: "src/control",
    responsibility: "the control plane's glue: watcher, own routers, what the API shows, what is counted and logged",
    mayImport: [
      "src/net",
      "src/http",
      "src/schema",
      "src/config",
      "src/rule",
      "src/telemetry",
      "src/middleware",
      "src/build",
      "src/entrypoint",
      "src/provider",
      "src/api",
    ],
  },
  {
    part: "src/proxy.ts",
    responsibility: "the whole: watch, merge, build, swap; start, drain, stop",
    mayImport: [...CORE, "src/control"],
  },
  {
    part: "src/command",
    responsibility: "the sub-commands: run, dev, check, config, crds, rbac, healthcheck, help",
    mayImport: [
      "src/net",
      "src/http",
      "src/schema",
      "src/config",
      "src/telemetry",
      "src/middleware",
      "src/entrypoint",
      "src/provider",
      "src/dev",
      "src/check",
      "src/version.ts",
      "src/control",
      "src/proxy.ts",
    ],
  },
  {
    part: "src/cli.ts",
    responsibility: "the command line: the first word chooses the sub-command",
    mayImport: ["src/net", "src/version.ts", "src/command"],
  },
  {
    part: "src/mod.ts",
    responsibility: "the public API for embedding, the only file that re-exports",
    mayImport: [...CORE, "src/proxy.ts"],
  },
  {
    part: "adapters/shared",
    responsibility: "socket code on the `node:` modules that all three runtimes have",
    mayImport: ["src/net", "src/http"],
  },
  {
    part: "adapters/node",
    responsibility: "Node: `runtime.ts` implements `Runtime`, `main.ts` is the entry",
    mayImport: ["src/net", "src/cli.ts", "adapters/shared"],
  },
  {
    part: "adapters/bun",
    responsibility: "Bun: the same two files",
    mayImport: ["src/net", "src/cli.ts", "adapters/shared"],
  },
  {
    part: "adapters/deno",
    responsibility: "Deno: the same two files",
    mayImport: ["src/net", "src/cli.ts", "adapters/shared"],
  },
  { part: "tests", responsibility: "unit, contract and end-to-end tests", mayImport: "anything" },
  { part: "scripts", responsibility: "set-up, lint plugin, checks, bench, build", mayImport: "anything" },
];
