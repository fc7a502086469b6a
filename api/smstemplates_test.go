package api_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
)

// texts is a provider that sends approved templates only.
func texts(t *testing.T, templates object) object {
	t.Helper()
	text, err := json.Marshal(templates)
	require.NoError(t, err)
	return object{
		"kind": "sms_alibaba", "name": "texts", "settings": object{"access_key_id": "testid", "sign": "云消息中心", "templates": string(text)},
		"secrets": object{"access_key_secret": "canary-secret"},
	}
}

// row is a template with one parameter.
func row(more object) []object {
	parameter := object{"name": "p"}
	for name, value := range more {
		parameter[name] = value
	}
	return []object{{"language": "en-US", "template": "SMS_1", "parameters": []object{parameter}}}
}

func TestTPLTemplatesThatCanNeverBeSentAreRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	rest := row(object{"from": "title"})
	for name, c := range map[string]struct {
		templates object
		says      string
	}{
		"a type that does not exist": {object{"*": rest, "account.nothing": rest}, "there is no such message type"},
		"a variable it does not have": {
			object{"*": rest, "account.low_balance": row(object{"from": "amount"})}, "there is no variable amount",
		},
		"a variable that no type has":    {object{"*": row(object{"from": "nonsense"})}, "there is no variable nonsense"},
		"a sample that is too long":      {object{"*": rest, "account.low_balance": row(object{"from": "balance", "max": 3, "long": "refuse"})}, "is longer than max"},
		"TPL-1 a mandatory type without": {object{"account.low_balance": rest}, "account.balance_insufficient is mandatory over sms"},
	} {
		refused := h.as(h.admin).post("/v1/providers", texts(t, c.templates)).wants(422)
		assert.Contains(t, string(refused.body), c.says, name)
		assert.Equal(t, "#/settings/templates", refused.field("errors", 0, "pointer"), name)
	}
	assert.Empty(t, h.as(h.admin).get("/v1/providers").wants(200).items("id"), "nothing of it is saved")

	longer := row(object{"from": "balance", "max": 3})
	path := h.as(h.admin).post("/v1/providers", texts(t, object{"*": rest, "account.low_balance": longer})).wants(201).header.Get("Location")
	worse := texts(t, object{"account.low_balance": rest})["settings"].(object)["templates"]
	h.as(h.admin).patch(path, object{"settings": object{"templates": worse}}).wants(422)
	h.as(h.admin).patch(path, object{"enabled": false, "settings": object{"templates": worse}}).wants(200)
	h.as(h.admin).patch(path, object{"enabled": true}).wants(422).complains("#/settings/templates", "invalid-template")
}

// What is wrong already, because a message type changed since, keeps nobody from replacing a key.
func TestProviderWithAnEarlierFaultCanBeChangedOtherwise(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	whole := row(object{"from": "balance", "long": "refuse"})
	templates := object{"*": row(object{"from": "title"}), "account.low_balance": whole}
	path := h.as(h.admin).post("/v1/providers", texts(t, templates)).wants(201).header.Get("Location")

	shipped, err := catalog.Shipped()
	require.NoError(t, err)
	i := slices.IndexFunc(shipped.Types, func(k models.MessageType) bool { return k.Key == "account.low_balance" })
	longer := slices.Clone(shipped.Types[i].Variables)
	for j := range longer {
		longer[j].Samples = map[models.Locale]string{models.LocaleEN: strings.Repeat("9", 30), models.LocaleZH: strings.Repeat("9", 30)}
	}
	shipped.Types[i].Variables = longer
	require.NoError(t, h.store.Catalogue().SeedCatalogue(t.Context(), shipped.Categories, shipped.Types))

	h.as(h.admin).patch(path, object{"settings": object{"access_key_id": "another"}}).wants(200)
	templates["account.coupon"] = whole
	h.as(h.admin).patch(path, object{"settings": object{"templates": texts(t, templates)["settings"].(object)["templates"]}}).wants(422)
	h.as(h.admin).post("/v1/providers", texts(t, templates)).wants(422)
}
