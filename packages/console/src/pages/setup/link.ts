/** What the gateway says of the link that this browser redeemed. */
export interface LinkView {
  readonly for: 'first' | 'invitation' | 'recovery' | 'device'
  /** '' while there is nobody. */
  readonly name: string
  /** When it ends; ms since 1970, or ISO 8601. */
  readonly endsAt: string | number
  /** The number to compare before this device is confirmed; '' where nobody has to. */
  readonly check: string
}
