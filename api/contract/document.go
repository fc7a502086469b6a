package contract

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"belfry.dev/belfry/api/credential"
)

// Document is the OpenAPI document of the version, without an operation.
func Document(version string) huma.Config {
	schemes := map[string]*huma.SecurityScheme{
		"bearer":  {Type: "http", Scheme: "bearer", Description: "An access key (bk_…), a session's token (bs_…) or a bell's (bt_…)."},
		"session": {Type: "apiKey", In: "cookie", Name: credential.Cookie, Description: "A session in a browser."},
	}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Belfry", Version: version, Description: strings.TrimSpace(description)},
			Components: &huma.Components{
				Schemas:         huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: schemes,
			},
		},
		Formats:       map[string]huma.Format{jsonType: huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: jsonType,
	}
}

const description = `
The interface of the Belfry message center.

Failures are problem documents (RFC 9457): branch on **type**, never on text. Writes take an **Idempotency-Key**; the same
key and request within seven days get the first answer again. Lists are pages: pass **next_cursor** back as **cursor** with
the same filter. Edits take **If-Match** with the ETag that was read.
`
