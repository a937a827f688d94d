export type Theme = 'system' | 'light' | 'dark'
const KEY = 'sallyport.theme'

/** The theme chosen in this browser; what the system says where none was, or where storage is blocked. */
export function chosenTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY)
    return stored === 'light' || stored === 'dark' ? stored : 'system'
  } catch {
    return 'system'
  }
}

/** Shows the chosen theme, after choosing `theme` where it is given. */
export function applyTheme(theme: Theme = chosenTheme()): void {
  const { dataset } = document.documentElement
  if (theme === 'system') delete dataset['theme']
  else dataset['theme'] = theme
  try {
    if (theme === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
  } catch {
    // shown all the same, until the page is loaded again
  }
}
