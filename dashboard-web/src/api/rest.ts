// The one way to ask the server something that is not the stream.

export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly path: string,
    message: string,
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
  }
}

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 10_000;

/** JSON of a GET; throws HttpError on any status but 2xx, TypeError when nobody answers. */
export async function get<T>(path: string, fetcher: Fetch = fetch): Promise<T> {
  const response = await fetcher(path, {
    headers: { Accept: "application/json" },
    cache: "no-store",
    credentials: "same-origin",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw await errorOf(response, path);
  return (await response.json()) as T;
}

/** POST with a JSON body; the answer's body is not looked at. */
export async function post(path: string, body: unknown, fetcher: Fetch = fetch): Promise<void> {
  const response = await fetcher(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    credentials: "same-origin",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw await errorOf(response, path);
}

export function retryAfterMs(headers: Headers): number | null {
  const text = headers.get("retry-after");
  return text && /^\d+$/.test(text) ? Number(text) * 1000 : null;
}

async function errorOf(response: Response, path: string): Promise<HttpError> {
  const said = await response.text().catch(() => "");
  return new HttpError(
    response.status,
    path,
    messageIn(said) || `${path} answered ${response.status}`,
    retryAfterMs(response.headers),
  );
}

/** The server's own words, in any of the shapes errors come in. */
export function messageIn(body: string): string {
  try {
    const json = JSON.parse(body) as Record<string, unknown>;
    const error = json.error as Record<string, unknown> | string | undefined;
    if (typeof error === "string") return error;
    if (typeof error?.message === "string") return error.message;
    if (typeof json.detail === "string") return json.detail;
    if (typeof json.message === "string") return json.message;
  } catch {
    // Not JSON: a proxy's error page. Its markup says nothing to a person.
  }
  return "";
}
