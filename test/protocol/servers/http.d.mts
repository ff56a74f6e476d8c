import type { ServerNotifier } from '@modelcontextprotocol/server'

export interface HttpSurface {
  readonly url: string
  readonly requests: {
    readonly method: string
    readonly headers: Record<string, string | undefined>
    readonly message?: { readonly method?: string; readonly id?: unknown; readonly params?: Record<string, unknown> }
  }[]
  readonly notify: ServerNotifier
  cut(): void
  close(): Promise<void>
}

export function startHttpSurface(options?: { legacy?: boolean; factory?: () => unknown }): Promise<HttpSurface>
