/** The mark: an arch with two doors, one solid, one open. */
export const Mark = ({ size = 20 }: { readonly size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 20 20"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.7"
    aria-hidden="true"
  >
    <path d="M2.5 18V9a7.5 7.5 0 0 1 15 0v9" />
    <path d="M6 18V9.6A4 4 0 0 1 9.2 5.7V18Z" fill="currentColor" stroke="none" />
    <path d="M11.4 18v-6.2h3V18" />
  </svg>
)
