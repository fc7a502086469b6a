package api

// registerAll adds every route: one line per noun, in the order of the document.
func registerAll(s *server) {
	registerHealth(s)
}
