package keys

import (
	"cmp"
	"context"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
)

// bellLife is how long the token of a bell is good for: the bell asks for the next one itself.
const bellLife = 10 * time.Minute

func describeBellTokens() map[string]operation.Operation {
	return map[string]operation.Operation{
		"my_bell_token.create": {
			Summary: "Get a token for my bell in a page of another site", Frequent: true,
			Description: "For ten minutes, in pages of that origin only, the token reads the inbox, listens to it and marks messages as read; it does nothing else, and ends with the session or the key that asked for it.",
		},
		"bell_token.create": {
			Summary: "Get a token for a person's bell in a page of a product", Frequent: true,
			Description: "The product vouches that the person is signed in to its page. For ten minutes, in pages of that origin only, the token reads the person's inbox, listens to it and marks messages as read, as far as the person may; it ends with the product's key.",
		},
	}
}

// BellIn is what a bell is asked for with: exported, or the document would leave its fields
// out where it is embedded.
type BellIn struct {
	Origin string `json:"origin" minLength:"1" maxLength:"200" doc:"Where the page stands, as browsers send it: https://shop.example.com. Operators list the origins that may be."`
	Inbox  string `json:"inbox,omitempty" enum:"mine,account" default:"mine" doc:"Whose messages it shows: the person's own, or the account's where the person may read them."`
}

type bellOut struct {
	Body bellView
}

type bellView struct {
	Token     string    `json:"token" doc:"For the property token of the bell, or as Authorization: Bearer."`
	ExpiresAt time.Time `json:"expires_at"`
}

type createMyBellTokenIn struct {
	Body BellIn
}

func createMyBellToken(ctx context.Context, c *operation.Call, in *createMyBellTokenIn) (*bellOut, error) {
	return bellOf(ctx, c, c.Actor, in.Body)
}

type createBellTokenIn struct {
	Body struct {
		BellIn
		Account string `json:"account" minLength:"1" maxLength:"40" doc:"The account's alias or id."`
		Name    string `json:"name" minLength:"1" maxLength:"64" doc:"The name by which the person signs in to Belfry."`
	}
}

func createBellToken(ctx context.Context, c *operation.Call, in *createBellTokenIn) (*bellOut, error) {
	by, err := c.Submitter(ctx, c)
	if err != nil {
		return nil, err
	}
	account, err := c.Addressee(ctx, by, in.Body.Account)
	if err != nil {
		return nil, err
	}
	user, err := c.Store.In(account.ID).Users().ByName(ctx, in.Body.Name)
	if models.CodeOf(err) == models.CodeNotFound || (err == nil && !user.Enabled) {
		return nil, missingUser()
	}
	if err != nil {
		return nil, err
	}
	person := user.Actor()
	person.KeyID = c.Actor.KeyID
	return bellOf(ctx, c, person, in.Body.BellIn)
}

func missingUser() error {
	missing := models.NotFound()
	missing.Fields = []models.Field{{Pointer: "#/name", Code: "unknown-value", Detail: "The account has no such user."}}
	return missing
}

// bellOf makes the token of the person's bell. Code forbidden: the person may not read the
// inbox.
func bellOf(ctx context.Context, c *operation.Call, person models.Actor, in BellIn) (*bellOut, error) {
	if !c.Origins.MayShowBell(in.Origin) {
		return nil, models.Invalid("#/origin", "unknown-value", "is none of the origins whose pages may show the bell")
	}
	inbox := cmp.Or(in.Inbox, "mine")
	listens := map[string]string{"mine": "my_inbox.events", "account": "inbox.events"}
	if err := c.Rbac.Allow(ctx, person, listens[inbox], person.Account); err != nil {
		return nil, err
	}
	until := c.Store.Now().Add(bellLife).Truncate(time.Second)
	person.Bell, person.BellOrigin, person.BellUntil = inbox, in.Origin, until.Unix()
	return &bellOut{Body: bellView{Token: c.Store.Vault().SealBell(person), ExpiresAt: until.UTC()}}, nil
}
