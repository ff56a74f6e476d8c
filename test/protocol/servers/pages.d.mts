export function startPages(): Promise<{ readonly url: string; forgetSessions(): void; close(): Promise<void> }>
