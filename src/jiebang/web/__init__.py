"""The face people see: server-rendered pages, components, the static log. Every page works without script."""
