const SOCKET = /\/dev\/(?:tcp|udp)\/([^/\s]+)\/(\S+)/

/** `/dev/tcp/host/port`: bash opens a connection when such a path is redirected to or from. */
export const looksLikeSocket = (text: string): boolean => SOCKET.test(text)

export const socketHost = (text: string): string => SOCKET.exec(text)?.[1]?.toLowerCase() ?? ''
