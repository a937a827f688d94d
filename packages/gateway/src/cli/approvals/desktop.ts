import { spawn } from 'node:child_process'
import { environment } from '../../config/environment.ts'

const MARKUP: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/**
 * A notification of the desktop, where `notify-send` is there. It has no action: what is clicked away or through is not a decision
 * (T-026). Both texts must be escaped; markup in them is shown as text.
 */
export function notifyDesktop(title: string, body: string): void {
  const plain = body.replace(/[&<>]/g, (sign) => MARKUP[sign] ?? '')
  const args = ['--app-name=Sallyport', '--urgency=critical', '--', title, plain]
  const { PATH, DBUS_SESSION_BUS_ADDRESS, DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR } = environment()
  const env = { PATH, DBUS_SESSION_BUS_ADDRESS, DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR }
  const child = spawn('notify-send', args, { stdio: 'ignore', detached: true, env })
  // most machines have none
  child.on('error', () => undefined)
  child.unref()
}
