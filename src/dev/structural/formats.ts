// The formats of texts that an API server checks; others are told to clients only.

type Check = (text: string) => boolean;

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})([.,]\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const HOST_LABEL = /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;
const EMAIL = /^[^\s@<>()[\],;:\\"]+@[^\s@<>()[\],;:\\"]+$/;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MAC = /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i;
const DURATION_PART = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)/;

const checks: Readonly<Record<string, Check>> = {
  date: (text) => isDate(DATE.exec(text)),
  "date-time": (text) => isDateTime(text),
  duration: isDuration,
  email: (text) => EMAIL.test(text),
  hostname: (text) => text.length <= 253 && text.split(".").every((label) => HOST_LABEL.test(label)),
  ipv4: (text) => IPV4.test(text),
  ipv6: isIpv6,
  cidr: isCidr,
  mac: (text) => MAC.test(text),
  uri: (text) => URL.canParse(text) || text.startsWith("/"),
  uuid: (text) => UUID.test(text),
  uuid3: (text) => UUID.test(text),
  uuid4: (text) => UUID.test(text),
  uuid5: (text) => UUID.test(text),
  byte: (text) => BASE64.test(text),
};

/** Tells whether a text is in a format; formats that no server checks fit everything. */
export function isInFormat(text: string, format: string): boolean {
  return checks[format.replace(/^datetime$/, "date-time")]?.(text) ?? true;
}

function isDate(match: RegExpExecArray | null): boolean {
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isDateTime(text: string): boolean {
  const match = DATE_TIME.exec(text);
  if (match === null || !isDate(match)) return false;
  return Number(match[4]) < 24 && Number(match[5]) < 60 && Number(match[6]) <= 60;
}

/** Go's durations: `1h30m`. */
function isDuration(text: string): boolean {
  if (text === "0") return true;
  let rest = text;
  while (rest !== "") {
    const part = DURATION_PART.exec(rest);
    if (part === null) return false;
    rest = rest.slice(part[0].length);
  }
  return text !== "";
}

function isIpv6(text: string): boolean {
  if (!text.includes(":") || !/^[0-9a-f:.]+$/i.test(text)) return false;
  return URL.canParse(`http://[${text}]/`);
}

function isCidr(text: string): boolean {
  const slash = text.lastIndexOf("/");
  const address = text.slice(0, slash);
  const bits = text.slice(slash + 1);
  if (slash === -1 || !/^\d{1,3}$/.test(bits)) return false;
  return IPV4.test(address) ? Number(bits) <= 32 : isIpv6(address) && Number(bits) <= 128;
}
