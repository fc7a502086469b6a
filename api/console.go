package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"belfry.dev/belfry/api/page"
	"belfry.dev/belfry/models"
)

const consolePath = "/console"

// ServeConsole lets the console answer below its path, and sends browsers there that come
// to the address of the site itself. It must be called before the first request, once.
func (s *Server) ServeConsole(console http.Handler) {
	router := s.core.Router
	serve := func(c *gin.Context) { console.ServeHTTP(c.Writer, c.Request) }
	router.GET(consolePath, serve)
	router.GET(consolePath+"/*path", serve)
	router.GET("/", func(c *gin.Context) {
		c.Header("Vary", "Accept")
		if !strings.Contains(c.GetHeader("Accept"), page.HTML) {
			s.core.WriteProblem(c, models.NotFound())
			return
		}
		c.Redirect(http.StatusFound, consolePath+"/")
	})
}
