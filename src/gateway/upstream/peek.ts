/** What of a message is looked at before the server object of its client reads it. */
export interface Message {
  readonly id?: string | number
  readonly method?: unknown
  readonly params?: Readonly<Record<string, unknown>>
}

/** The messages of a body: up to 2025-03-26 it may hold several. */
export function messagesIn(body: unknown): readonly Message[] {
  return (Array.isArray(body) ? body : [body]).map((message) => (message ?? {}) as Message)
}

export function isRequest({ id, method }: Message): boolean {
  return id !== undefined && method !== undefined
}

/** Whether it asks for something new: answers, notifications and further rounds belong to what is under way. */
export function isNews(message: Message): boolean {
  return isRequest(message) && message.params?.['requestState'] === undefined
}
