// Package site tells anybody what the platform is called, how it looks, and how one signs in.
package site

import (
	"context"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
)

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("GET /v1/site", "site.get", 200, get),
	}, map[string]operation.Operation{
		"site.get": {
			Summary: "Show what the platform is called and how one signs in", Public: true,
			Description: "What a page needs before anybody signed in. It is the same for everybody, and changes with a restart only.",
		},
	})
}

type siteOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         siteView
}

type siteView struct {
	Brand     brandView       `json:"brand"`
	PublicURL string          `json:"public_url" doc:"Where people reach Belfry; empty when nobody said."`
	Version   string          `json:"version"`
	Language  models.Locale   `json:"language" enum:"zh-CN,en-US" doc:"What is spoken where nobody chose."`
	Languages []models.Locale `json:"languages" enum:"zh-CN,en-US" doc:"What can be chosen, in the order in which it is shown."`
	SignIn    []string        `json:"sign_in" enum:"password" doc:"The ways to sign in, the usual one first."`
}

type brandView struct {
	Name      string `json:"name" example:"Belfry"`
	Logo      string `json:"logo" doc:"The https address of a picture; empty for none."`
	Color     string `json:"color" example:"#0958d9" doc:"On light ground; empty for Belfry's own."`
	DarkColor string `json:"dark_color" example:"#69a9f2" doc:"On dark ground; empty for Belfry's own."`
	Footer    string `json:"footer" doc:"A line below pages; empty for none."`
	Support   string `json:"support" doc:"Where people turn to: an e-mail address or an https address; empty for nowhere."`
}

func get(_ context.Context, c *operation.Call, _ *struct{}) (*siteOut, error) {
	site := c.Config.Site
	return &siteOut{CacheControl: "no-cache", Body: siteView{
		Brand: brandView{
			Name: site.Brand(), Logo: site.Logo, Color: site.Color, DarkColor: site.DarkColor, Footer: site.Footer, Support: site.Support,
		},
		PublicURL: c.Config.PublicURL, Version: c.Config.Version, Language: site.Locale(), Languages: catalog.Locales(),
		SignIn: []string{"password"},
	}}, nil
}
