package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/api"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
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
		c.Site = brand.Site{Name: "Northwind Cloud", Logo: "https://cdn.example.com/logo.png", Color: "#0958d9", DarkColor: "#69a9f2", Footer: "Northwind Ltd.", Support: "help@northwind.example", Language: "en-US"}
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

// TestPagesBehindLinksCarryTheBrand: its name, logo, colours, footer and support, in the
// language that the page's switch asks for.
func TestPagesBehindLinksCarryTheBrand(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) {
		c.Site = brand.Site{Name: "Northwind Cloud", Logo: "https://cdn.example.com/logo.png", Color: "#0958d9", DarkColor: "#69a9f2", Footer: "Northwind Ltd.", Support: "help@northwind.example"}
	})
	shipped, err := catalog.Shipped()
	require.NoError(t, err)
	require.NoError(t, h.store.Catalogue().SeedCatalogue(t.Context(), shipped.Categories, shipped.Types))
	_, letter := h.invited(models.ChannelEmail, "ada@example.com")
	for path, status := range map[string]int{linkPath(letter): 200, h.unsubscribePath("ada@example.com"): 200, "/nothing": 404} {
		page := h.browser().with("Accept-Language", "zh-CN").get(path + "?lang=en-US").wants(status)
		for _, want := range []string{
			`lang="en-US"`, "Northwind Cloud", `src="https://cdn.example.com/logo.png"`, "#0958d9", "#69a9f2", "Northwind Ltd.", `href="mailto:help@northwind.example"`,
			`href="` + map[bool]string{true: path}[status == 200] + `?lang=zh-CN"`,
		} {
			if !strings.Contains(string(page.body), want) {
				t.Errorf("%s lacks %s: %s", path, want, page.body)
			}
		}
		if policy := page.header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "; img-src https://cdn.example.com") {
			t.Errorf("%s may not show the logo: %s", path, policy)
		}
		if strings.Contains(string(page.body), "Belfry") {
			t.Errorf("%s says Belfry: %s", path, page.body)
		}
		if page := h.browser().get(path + "?lang=nothing").wants(status); !strings.Contains(string(page.body), `lang="en-US"`) {
			t.Errorf("%s with a language that is none: %s", path, page.body)
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
	for name, site := range map[string]brand.Site{
		"light color": {Color: "#ffff00"}, "dark color": {DarkColor: "#202020"}, "no color": {Color: "blue"}, "logo": {Logo: "http://cdn.example.com/logo.png"},
		"link base": {LinkBase: "shop.example.com"}, "support": {Support: "call us"}, "language": {Language: "fr-FR"},
	} {
		if _, err := api.New(operation.Config{PublicURL: "https://belfry.example.com", Site: site}, h.deps(guard)); err == nil {
			t.Errorf("%s: %+v is taken", name, site)
		}
	}
	if _, err := api.New(operation.Config{Site: brand.Site{Support: "https://help.example.com/", Color: "#0958d9", DarkColor: "#69a9f2"}}, h.deps(guard)); err != nil {
		t.Errorf("a good brand is refused: %v", err)
	}
}
