// Providers in the static configuration.

import * as z from "zod";
import { duration, integer, labelSelector, nonEmptyString } from "../schema/primitives.ts";

const THROTTLE_MS = 20; // Traefik waits 2s; weir rests at least as long as its last reload took

const file = z.strictObject({
  filename: z.string().optional().describe("File to read."),
  directory: z.string().optional().describe("Folder to read, with everything below it."),
  watch: z.boolean().default(true).describe("Follows changes."),
  debugLogGeneratedTemplate: z.boolean().default(false).describe("Accepted. Templates are not supported."),
}).superRefine((value, context) => {
  const given = [value.filename, value.directory].filter((path) => path !== undefined && path !== "").length;
  if (given === 1) return;
  const got = given === 0 ? "neither" : "both";
  context.addIssue({ code: "custom", message: `is not valid: it needs either "filename" or "directory", got ${got}` });
});

const connection = {
  endpoint: z.string().optional().describe("URL of the Kubernetes API. Default: the cluster weir runs in."),
  token: z.string().optional().describe("Bearer token, or the path of a file that holds it."),
  certAuthFilePath: z.string().optional().describe("Certificate authority of the Kubernetes API."),
  namespaces: z.array(nonEmptyString).default([]).describe("Namespaces to watch; none: all."),
  labelSelector: labelSelector.optional().describe("Labels that objects must have."),
  throttleDuration: duration.default(0).describe("Least time between two updates."),
};

/** client-go's rule, without which two replicas could hold the lease at once, or lose it at the first slow answer. */
const RETRY_MARGIN = 1.2;

const leaderElection = z.strictObject({
  leaseName: z.string().optional().describe(
    "Name of the Lease. Default: weir, and more where only some objects are read: replicas with the same filters share it.",
  ),
  leaseNamespace: z.string().optional().describe(
    "Namespace of the Lease. Default: that of the Pod or of the kubeconfig's context, else default.",
  ),
  leaseDuration: duration.default(15_000).describe("So long other replicas wait for a leader that is silent."),
  renewDeadline: duration.default(10_000).describe("A leader that can't renew the Lease for so long stops writing."),
  retryPeriod: duration.default(2_000).describe("Time between two attempts to get or renew the Lease."),
}).superRefine(({ leaseDuration, renewDeadline, retryPeriod }, context) => {
  if (leaseDuration <= renewDeadline) {
    context.addIssue({ code: "custom", message: 'is not valid: "leaseDuration" must be longer than "renewDeadline"' });
  }
  if (retryPeriod <= 0 || renewDeadline <= retryPeriod * RETRY_MARGIN) {
    const wanted = '"renewDeadline" must be longer than 1.2 times "retryPeriod", which must not be 0';
    context.addIssue({ code: "custom", message: `is not valid: ${wanted}` });
  }
});

const kubernetes = {
  ...connection,
  events: z.boolean().default(true).describe("Tells of faulty objects by Events, which kubectl describe shows."),
  leaderElection: leaderElection.prefault({}).describe("Which of several replicas writes statuses and Events."),
  ingressClass: z.string().optional().describe("Class that objects must have."),
  allowEmptyServices: z.boolean().default(false)
    .describe("Services without endpoints answer 503 without a warning."),
  allowExternalNameServices: z.boolean().default(false).describe("Allows Services of type ExternalName."),
  crossProviderNamespaces: z.array(nonEmptyString).default([])
    .describe("Namespaces that may refer to other providers; none: all."),
  nativeLBByDefault: z.boolean().default(false).describe("Sends to the Service's address, not to its endpoints."),
  disableClusterScopeResources: z.boolean().default(false).describe("Asks for nothing outside namespaces."),
};

const kubernetesCRD = z.strictObject({
  ...kubernetes,
  allowCrossNamespace: z.boolean().default(false).describe("Allows references to other namespaces."),
});

const kubernetesIngress = z.strictObject({
  ...kubernetes,
  ingressEndpoint: z.strictObject({
    ip: z.string().optional().describe("Address published in the status."),
    hostname: z.string().optional().describe("Host name published in the status."),
    publishedService: z.string().optional().describe("Service whose status is copied: `namespace/name`."),
  }).optional().describe("What the status of Ingresses says."),
  reportNodeInternalIPs: z.boolean().default(false).describe("Publishes the nodes' addresses in the status."),
  disableIngressClassLookup: z.boolean().default(false).describe(
    "Asks for no IngressClasses: what an Ingress calls its class decides.",
  ),
  strictPrefixMatching: z.boolean().default(true).describe(
    "Paths of the type Prefix match whole segments, as the Ingress specification says. Traefik's default is false.",
  ),
});

const kubernetesGateway = z.strictObject({
  ...connection,
  experimentalChannel: z.boolean().default(false).describe("Serves the experimental kinds, too."),
  statusAddress: z.strictObject({
    ip: z.string().optional().describe("Address published in the status."),
    hostname: z.string().optional().describe("Host name published in the status."),
    service: z.strictObject({
      name: nonEmptyString.describe("Name of the Service."),
      namespace: nonEmptyString.describe("Namespace of the Service."),
    }).optional().describe("Service whose status is copied."),
  }).optional().describe("What the status of Gateways says."),
  crossProviderNamespaces: kubernetes.crossProviderNamespaces,
  nativeLBByDefault: kubernetes.nativeLBByDefault,
  qps: z.number().min(0).default(50).describe("Requests per second to the Kubernetes API."),
  burst: integer({ min: 0 }).default(100).describe("Requests at once to the Kubernetes API."),
});

/** Other providers of Traefik: known by name, so that their options are no typing errors. */
const notProvided = z.looseObject({}).optional().describe("Traefik's provider; weir does not have it.");

/** Everything under `providers`. */
export const providersSchema = z.strictObject({
  providersThrottleDuration: duration.default(THROTTLE_MS)
    .describe("Least time between two configurations of one provider. Traefik's default is 2s."),
  precedence: z.array(nonEmptyString).default([]).describe(
    "Providers whose routers win ties, first one first: `file`, `kubernetescrd`, …",
  ),
  file: file.optional().describe("Reads files."),
  kubernetesCRD: kubernetesCRD.optional().describe("Reads Traefik's kinds from Kubernetes."),
  kubernetesIngress: kubernetesIngress.optional().describe("Reads Ingresses from Kubernetes."),
  kubernetesGateway: kubernetesGateway.optional().describe("Reads the Gateway API from Kubernetes."),
  kubernetesIngressNGINX: notProvided,
  docker: notProvided,
  swarm: notProvided,
  ecs: notProvided,
  consulCatalog: notProvided,
  nomad: notProvided,
  consul: notProvided,
  etcd: notProvided,
  zooKeeper: notProvided,
  redis: notProvided,
  http: notProvided,
  rest: notProvided,
  knative: notProvided,
  plugin: notProvided,
}).prefault({});
