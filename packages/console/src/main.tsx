import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './theme/fonts.css'
import './theme/tokens.css'
import './theme/base.css'
import { App } from './app.tsx'
import { firstPicture } from './first-picture.ts'
import { applyTheme } from './theme/theme.ts'

applyTheme()
const root = document.getElementById('root')
if (root !== null)
  void firstPicture().then(() =>
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
  )
