import { useEffect, useRef } from 'react'

interface KeyAct {
  /** What the key does, for the list that `?` shows. */
  readonly say: string
  readonly run: (event: KeyboardEvent) => void
}
/** Keys as `KeyboardEvent.key` names them; two that follow one another with a space: `g a`. */
export type KeyMap = Readonly<Record<string, KeyAct>>

const maps: { readonly current: KeyMap }[] = []
const OFF = 'sallyport.keys'
let first = ''
let timer = 0

/** Keys of a part of the page while it is shown; the part that came last is asked first. */
export function useKeys(keys: KeyMap): void {
  const current = useRef(keys)
  useEffect(() => {
    current.current = keys
  })
  useEffect(() => {
    maps.unshift(current)
    return () => void maps.splice(maps.indexOf(current), 1)
  }, [])
}

/** Everything that can be pressed now. */
export const keysNow = (): readonly (readonly [key: string, say: string])[] =>
  maps.flatMap(({ current }) => Object.entries(current).map(([key, { say }]) => [key, say] as const))

/** Single keys can be switched off (WCAG 2.1.4). */
export function setKeysOn(on: boolean): void {
  try {
    if (on) localStorage.removeItem(OFF)
    else localStorage.setItem(OFF, 'off')
  } catch {
    // blocked storage: they stay on
  }
}

export function keysAreOn(): boolean {
  try {
    return localStorage.getItem(OFF) !== 'off'
  } catch {
    return true
  }
}

/** Starts to hear keys; returns how to stop. Not while a field has the focus, a dialog is open, or a key is held. */
export function hearKeys(): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return
    if (presses(event) || isTyping(event.target) || document.querySelector('dialog[open]') !== null || !keysAreOn())
      return
    const pair = `${first} ${event.key}`
    const act = find(pair) ?? find(event.key)
    window.clearTimeout(timer)
    first = ''
    if (act !== undefined) {
      event.preventDefault()
      act.run(event)
    } else if (maps.some(({ current }) => Object.keys(current).some((key) => key.startsWith(`${event.key} `)))) {
      first = event.key
      timer = window.setTimeout(() => (first = ''), 1000)
    }
  }
  document.addEventListener('keydown', pressed)
  return () => document.removeEventListener('keydown', pressed)
}

const find = (key: string): KeyAct | undefined => maps.find(({ current }) => Object.hasOwn(current, key))?.current[key]

const PRESSED_BY: Readonly<Record<string, string>> = { Enter: 'button, a, summary', ' ': 'button, summary' }
/** What has the focus is pressed by this key, or followed. */
const presses = ({ key, target }: KeyboardEvent): boolean =>
  target instanceof HTMLElement && target.closest(PRESSED_BY[key] ?? ':not(*)') !== null

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !(target instanceof HTMLInputElement && /^(?:radio|checkbox|button)$/.test(target.type))
