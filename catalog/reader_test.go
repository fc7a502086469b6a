package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
)

// TestMailSaysForWhomItIsAndWhy: the account by name and alias, the contact, the message type,
// and where that is changed.
func TestMailSaysForWhomItIsAndWhy(t *testing.T) {
	t.Parallel()
	in := catalog.Input{Site: site, Locked: true, Reader: catalog.Reader{Account: "Acme <Ltd>\nEvil", Alias: "acme", Contact: "Ada"}}
	got, err := catalog.Preview(typeNamed(t, "product.expiry_7"), models.LocaleEN, in)
	require.NoError(t, err)
	assert.Contains(t, got.Text, "for the account Acme <Ltd> Evil (acme), to its contact “Ada”.")
	assert.Contains(t, got.HTML, "for the account Acme &lt;Ltd&gt; Evil (acme), to its contact “Ada”.")
	assert.Contains(t, got.Text, "“Expiry in 7 days” concern the essentials")
	assert.Contains(t, got.Text, "Manage what I receive: https://console.example.com/console/manage?account=acme\n")
	assert.Contains(t, got.HTML, `href="https://console.example.com/console/manage?account=acme"`)

	in.Reader.Contact, in.Locked = "", false
	got, err = catalog.Preview(typeNamed(t, "activity.launch"), models.LocaleZH, in)
	require.NoError(t, err)
	assert.Contains(t, got.Text, "本邮件发给账号 Acme <Ltd> Evil (acme)。\n")
	assert.Contains(t, got.Text, "类消息的接收方式")

	got, err = catalog.Preview(typeNamed(t, "account.contact_verification"), models.LocaleEN, in)
	require.NoError(t, err)
	assert.Contains(t, got.Text, "It was sent to the account Acme <Ltd> Evil (acme).")
	assert.NotContains(t, got.Text, "/console/manage", "who has not confirmed has nothing to manage")

	in.Reader = catalog.Reader{}
	got, err = catalog.Preview(typeNamed(t, "product.expiry_7"), models.LocaleEN, in)
	require.NoError(t, err)
	assert.NotContains(t, got.Text, "It was sent")
	assert.NotContains(t, got.HTML, "/console/manage")
}

// TestMailCarriesTheBrand: name, logo, colour, footer and support, and nothing of Belfry.
func TestMailCarriesTheBrand(t *testing.T) {
	t.Parallel()
	in := catalog.Input{Link: "/orders/1", Reader: catalog.Reader{Account: "Acme", Alias: "acme"}, Site: brand.Site{
		Name: "Northwind Cloud", URL: "https://m.northwind.example", Logo: "https://cdn.northwind.example/logo.png",
		Color: "#0b5c3b", Footer: "Northwind Ltd., 1 Main Street", Support: "help@northwind.example",
	}}
	for _, each := range shipped(t).Types {
		for _, locale := range catalog.Locales() {
			got, err := catalog.Preview(each, locale, in)
			require.NoError(t, err)
			for _, want := range []string{
				`src="https://cdn.northwind.example/logo.png" alt="Northwind Cloud"`, "background-color:#0b5c3b",
				"Northwind Ltd., 1 Main Street", `href="mailto:help@northwind.example"`,
			} {
				assert.Contains(t, got.HTML, want, each.Key)
			}
			assert.Contains(t, got.Text, "help@northwind.example\nNorthwind Cloud\nNorthwind Ltd., 1 Main Street\n")
			for format, text := range texts(got) {
				assert.NotContains(t, text, "Belfry", "%s %s", each.Key, format)
			}
			assert.Equal(t, "Northwind Cloud", got.Document.Footer[0], "chat platforms")
		}
	}
}

// TestADigestOfSeveralTypesSaysSo: it is not of the first one's.
func TestADigestOfSeveralTypesSaysSo(t *testing.T) {
	t.Parallel()
	r := catalog.NewRenderer(site)
	part := func(key string) catalog.Part {
		kind := typeNamed(t, key)
		return catalog.Part{Type: kind, Input: catalog.Input{Variables: catalog.Samples(kind, models.LocaleEN)}}
	}
	d := catalog.Digest{Link: "/console/inbox?account=acme", Reader: catalog.Reader{Account: "Acme", Alias: "acme", Contact: "Ada"}}
	got, err := r.RenderDigest([]catalog.Part{part("activity.launch"), part("product.expiry_7")}, models.LocaleEN, d)
	require.NoError(t, err)
	assert.Contains(t, got.HTML, ">Several kinds</td>")
	assert.Contains(t, got.Text, "what is essential cannot be turned off")
	assert.Contains(t, got.Text, "to its contact “Ada”")
	got, err = r.RenderDigest([]catalog.Part{part("activity.launch"), part("activity.launch")}, models.LocaleEN, d)
	require.NoError(t, err)
	assert.NotContains(t, got.HTML, "Several kinds")
}
