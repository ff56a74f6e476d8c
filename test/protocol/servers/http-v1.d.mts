export function startHttpV1(): Promise<{ readonly url: string; close(): Promise<void> }>
