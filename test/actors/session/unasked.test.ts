import { expect, test } from 'vitest'
import { type UnaskedNotice, createUnasked } from '../../../src/actors/session/unasked.js'
import { createMask } from '../../../src/config/secrets.js'

test('tells a hundred notifications a second and says that others were dropped', () => {
  const notices: UnaskedNotice[] = []
  const unasked = createUnasked(
    (text) => text,
    (notice) => void notices.push(notice),
  )
  for (let n = 0; n < 10_000; n += 1) unasked.notified('notifications/message', { n })
  // A slow machine may see a second begin in between.
  const passed = notices.filter(({ type }) => type === 'notified').length
  expect(passed % 100).toBe(0)
  expect(passed).toBeLessThanOrEqual(500)
  expect(notices[100]).toEqual({ type: 'violated', detail: 'limit: a notification past 100 a second was dropped' })
})

test('masks secrets in parameters and in words', () => {
  const notices: UnaskedNotice[] = []
  const unasked = createUnasked(createMask(['hunter2']), (notice) => void notices.push(notice))
  unasked.notified('notifications/message', { data: 'token hunter2' })
  unasked.violated('what is hunter2')
  expect(notices).toEqual([
    { type: 'notified', method: 'notifications/message', params: { data: 'token ***' } },
    { type: 'violated', detail: 'invalid-frame: what is ***' },
  ])
})
