"""LaTeX: tables with little print around them, notes beside them, one document of all."""
