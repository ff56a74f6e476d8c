import { expect, test } from 'vitest'
import { type UnaskedNotice, createUnasked } from '../../../src/actors/session/unasked.js'
import { createMask } from '../../../src/config/secrets.js'

test('tells a hundred notifications a second and says that others were dropped', () => {
  const notices: UnaskedNotice[] = []
  const unasked = createUnasked(
    (text) => text,
    (notice) => void notices.push(notice),
  )
  for (let n = 0; n < 10_000; n += 1) unasked.notified('notifications/message', { n }, [])
  // A slow machine may see a second begin in between.
  const passed = notices.filter(({ type }) => type === 'notified').length
  expect(passed % 100).toBe(0)
  expect(passed).toBeLessThanOrEqual(500)
  expect(notices[100]).toEqual({ type: 'violated', detail: 'limit: a notification past 100 a second was dropped' })
})

test('masks secrets in parameters and in words', () => {
  const notices: UnaskedNotice[] = []
  const unasked = createUnasked(createMask(['hunter2']), (notice) => void notices.push(notice))
  unasked.notified('notifications/message', { data: 'token hunter2' }, [])
  unasked.violated('what is hunter2')
  expect(notices).toEqual([
    { type: 'notified', method: 'notifications/message', params: { data: 'token ***' }, origin: 'server' },
    { type: 'violated', detail: 'invalid-frame: what is ***' },
  ])
})

test('is heard by the call it belongs to, by one of several with one owner, and by none when owners differ', () => {
  const origins: string[] = []
  const heard: number[] = []
  const unasked = createUnasked(
    (text) => text,
    (notice) => void (notice.type === 'notified' && origins.push(notice.origin)),
  )
  const call = (id: number, owner?: object) => ({
    id,
    caller: {
      handlers: {},
      owner,
      answer: () => Promise.reject(new Error('nobody asks')),
      hear: () => void heard.push(id),
      pause: () => () => {},
    },
  })
  const owner = {}
  unasked.notified('notifications/message', {}, [call(1)])
  unasked.notified('notifications/message', {}, [call(2, owner), call(3, owner)])
  unasked.notified('notifications/message', {}, [call(4, owner), call(5, {})])
  unasked.notified('notifications/message', {}, [call(6), call(7)])
  expect(origins).toEqual(['call', 'call', 'unclear', 'unclear'])
  expect(heard).toEqual([1, 2])
})
