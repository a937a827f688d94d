/** What git obeys, of its own directory. */
export const GIT_FILES: readonly string[] = [
  'hooks',
  'config',
  'config.worktree',
  'commondir',
  'modules',
  'worktrees',
  'rebase-merge',
  'rebase-apply',
]
/**
 * Files of a workspace that somebody runs or obeys later, outside of the sandbox and unasked (T-041, T-141). A directory named
 * with a slash at its end stays writable but cannot be moved away.
 */
export const CHANGED_LATER: readonly string[] = [
  ...['.git/', ...GIT_FILES.map((name) => `.git/${name}`), '.gitmodules', '.github/'],
  ...['.husky', '.vscode', '.idea', '.devcontainer', '.envrc', '.github/workflows'],
  ...['.claude', '.codex', '.cursor', '.gemini', '.mcp.json', '.sallyport', 'sallyport.yaml'],
]
