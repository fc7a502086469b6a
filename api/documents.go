package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/swaggest/swgui/v5emb"

	"belfry.dev/belfry/api/shape"
)

const (
	openAPIPath = "/openapi.json"
	docsPath    = "/docs"
	// schemaPrefix is what references to schemas begin with.
	schemaPrefix = "#/components/schemas/"
)

// docsPolicy lets the documentation page run its own embedded scripts and ask this
// server, and nothing else.
const docsPolicy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

// OpenAPI returns the OpenAPI 3.1 document as JSON.
func (s *Server) OpenAPI() ([]byte, error) {
	document, err := json.Marshal(s.core.Huma.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("encode the OpenAPI document: %w", err)
	}
	return present(document, s.core.Config.PublicURL, s.nullable(), s.parents())
}

// nullable are, by name of a schema, the members that are null where there is no such object.
func (s *Server) nullable() map[string][]string {
	schemas := s.core.Huma.OpenAPI().Components.Schemas
	found := map[string][]string{}
	for name := range schemas.Map() {
		found[name] = shape.Nullable(schemas.TypeFromRef(schemaPrefix + name))
	}
	return found
}

// parents are, by name of a schema, the name of that whose members it has, too.
func (s *Server) parents() map[string]string {
	schemas := s.core.Huma.OpenAPI().Components.Schemas
	names := map[reflect.Type]string{}
	for name := range schemas.Map() {
		names[schemas.TypeFromRef(schemaPrefix+name)] = name
	}
	found := map[string]string{}
	for t, name := range names {
		for _, parent := range shape.Embedded(t) {
			if names[parent] != "" {
				found[name] = names[parent]
				break
			}
		}
	}
	return found
}

// registerDocuments adds the OpenAPI document and a page to read it with, which
// works without the internet. The document is written when it is first asked for:
// most processes never are, and it is the larger part of a start.
func (s *Server) registerDocuments() {
	router := s.core.Router
	document := sync.OnceValues(s.OpenAPI)
	router.GET(openAPIPath, func(c *gin.Context) {
		text, err := document()
		if err != nil {
			s.core.WriteProblem(c, err)
			return
		}
		c.Header("Cache-Control", "no-cache")
		c.Data(http.StatusOK, "application/openapi+json", text)
	})
	page := v5emb.New("Belfry", openAPIPath, docsPath)
	serve := func(c *gin.Context) {
		c.Header("Content-Security-Policy", docsPolicy)
		c.Header("Cache-Control", "no-cache")
		page.ServeHTTP(c.Writer, c.Request)
	}
	router.GET(docsPath, serve)
	router.GET(docsPath+"/*file", serve)
}
