package api_test

import (
	"testing"

	"belfry.dev/belfry/api"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/rbac"
)

func TestAnybodyReadsWhatThePlatformIsCalled(t *testing.T) {
	t.Parallel()
	plain := newHarness(t)
	got := plain.as(plain.anonymous).get("/v1/site").wants(200)
	if got.field("brand", "name") != "Belfry" || got.field("language") != "zh-CN" || got.field("sign_in", 0) != "password" || got.field("public_url") != "https://belfry.example.com" {
		t.Errorf("nothing said: %s", got.body)
	}
	h := newHarness(t, func(c *operation.Config) {
		c.Version = "1.2.3"
		c.Site = catalog.Site{Name: "Northwind Cloud", Logo: "https://cdn.example.com/logo.png", Color: "#0958d9", DarkColor: "#69a9f2", Footer: "Northwind Ltd.", Support: "help@northwind.example", Language: "en-US"}
	})
	got = h.as(h.anonymous).get("/v1/site").wants(200)
	for want, path := range map[string][]any{
		"Northwind Cloud": {"brand", "name"}, "https://cdn.example.com/logo.png": {"brand", "logo"}, "#0958d9": {"brand", "color"}, "#69a9f2": {"brand", "dark_color"},
		"Northwind Ltd.": {"brand", "footer"}, "help@northwind.example": {"brand", "support"}, "en-US": {"language"}, "1.2.3": {"version"},
	} {
		if got.field(path...) != want {
			t.Errorf("%v = %q, want %q", path, got.field(path...), want)
		}
	}
}

// TestABrandThatCannotBeShownStopsTheStart: a colour that nobody can read is found before
// anybody looks at it.
func TestABrandThatCannotBeShownStopsTheStart(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	guard, err := rbac.New(rbac.Config{Grants: h.store.Roles(), Now: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	for name, site := range map[string]catalog.Site{
		"light color": {Color: "#ffff00"}, "dark color": {DarkColor: "#202020"}, "no color": {Color: "blue"}, "logo": {Logo: "http://cdn.example.com/logo.png"},
		"link base": {LinkBase: "shop.example.com"}, "support": {Support: "call us"}, "language": {Language: "fr-FR"},
	} {
		if _, err := api.New(operation.Config{PublicURL: "https://belfry.example.com", Site: site}, h.deps(guard)); err == nil {
			t.Errorf("%s: %+v is taken", name, site)
		}
	}
	if _, err := api.New(operation.Config{Site: catalog.Site{Support: "https://help.example.com/", Color: "#0958d9", DarkColor: "#69a9f2"}}, h.deps(guard)); err != nil {
		t.Errorf("a good brand is refused: %v", err)
	}
}
