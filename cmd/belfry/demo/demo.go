// Package demo makes the data of belfry dev over the public API.
package demo

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"belfry.dev/belfry/cmd/belfry/client"
	"belfry.dev/belfry/deploy/sandbox"
	"belfry.dev/belfry/models"
)

// Names of the demo's data.
const (
	Alias    = "acme"
	Operator = "admin"

	rootName    = "root"
	productName = "shop"
	botName     = "sandbox"
)

// Secrets outlive a restart, so that the printed line stays the same. They
// protect nothing but a demo on this machine.
type Secrets struct {
	SecretKey        string `json:"secret_key"`
	OperatorPassword string `json:"operator_password"`
	RootPassword     string `json:"root_password"`
	WebhookSecret    string `json:"webhook_secret"`
	// ProductKey and RootKey are the access keys of the product and of the root
	// user; "" before they were made.
	ProductKey string `json:"product_key"`
	RootKey    string `json:"root_key"`
	// People says that the demo's contacts, subscriptions and resource were made.
	People bool `json:"people"`
	// Sinks is where the sandbox was when the demo's providers were last told.
	Sinks string `json:"sinks"`
}

// Seeder makes the demo's data over the public API, as operators and the root
// user would. It may run again at any time: what is there stays, and only what
// points to the sandbox follows when that moved.
type Seeder struct {
	Anyone  *client.Client
	Sandbox *sandbox.Sandbox
	Secrets Secrets
	// Populates says that people are wanted.
	Populates bool
}

// Run makes what is missing; the operator exists. It may fill in Secrets.
func (s *Seeder) Run(ctx context.Context) error {
	operator, err := s.signIn(ctx, string(models.Platform), Operator, s.Secrets.OperatorPassword)
	if err != nil {
		return err
	}
	account, err := s.account(ctx, operator)
	if err != nil {
		return err
	}
	if err := errors.Join(s.product(ctx, operator, account), s.providers(ctx, operator), s.offerChats(ctx, operator)); err != nil {
		return err
	}
	root, err := s.signIn(ctx, Alias, rootName, s.Secrets.RootPassword)
	if err != nil {
		return err
	}
	if err := errors.Join(s.bot(ctx, root), s.chats(ctx, root), s.rootKey(ctx, root), s.people(ctx, operator, root, account)); err != nil {
		return err
	}
	if err := errors.Join(s.signOut(ctx, operator), s.signOut(ctx, root)); err != nil {
		return err
	}
	s.Secrets.Sinks = s.sinks()
	return nil
}

// sinks is where the sandbox is now.
func (s *Seeder) sinks() string { return s.Sandbox.SMTPAddress() + " " + s.Sandbox.URL() }

func (s *Seeder) signIn(ctx context.Context, account, name, password string) (*client.Client, error) {
	var session struct {
		Token string `json:"token"`
	}
	err := s.Anyone.Post(ctx, "/v1/sessions", map[string]string{"account": account, "name": name, "password": password}, &session)
	return s.Anyone.As(session.Token), err
}

func (s *Seeder) signOut(ctx context.Context, c *client.Client) error {
	return c.Call(ctx, http.MethodDelete, "/v1/me/sessions/current", nil, nil)
}

// account makes the demo's account, with an account contact whose addresses
// need no proof: an operator vouches for them.
func (s *Seeder) account(ctx context.Context, operator *client.Client) (string, error) {
	found, err := find(ctx, operator, "/v1/accounts", "alias", Alias)
	if err != nil || found.ID != "" {
		return found.ID, err
	}
	var made item
	err = operator.Post(ctx, "/v1/accounts", map[string]any{
		"alias": Alias, "name": "Acme", "language": models.LocaleEN, "time_zone": "Asia/Shanghai",
		"root": map[string]any{"name": rootName, "password": s.Secrets.RootPassword},
		"addresses": []map[string]string{
			{"channel": "email", "value": "ops@acme.example"}, {"channel": "sms", "value": "+8613800138000"},
		},
	}, &made)
	return made.ID, err
}

// product makes the demo's product and a key for it.
func (s *Seeder) product(ctx context.Context, operator *client.Client, account string) error {
	product, err := find(ctx, operator, "/v1/products", "name", productName)
	if err != nil {
		return err
	}
	if product.ID == "" {
		err := operator.Post(ctx, "/v1/products", map[string]any{
			"name": productName, "display_name": "Shop", "types": []string{models.Every}, "accounts": []string{account},
		}, &product)
		if err != nil {
			return err
		}
	}
	if s.works(ctx, s.Secrets.ProductKey, "/v1/notifications?limit=1") {
		return nil
	}
	s.Secrets.ProductKey, err = newKey(ctx, operator, "/v1/products/"+product.ID+"/keys")
	return err
}

// rootKey makes the root user's access key, for the commands.
func (s *Seeder) rootKey(ctx context.Context, root *client.Client) error {
	if s.works(ctx, s.Secrets.RootKey, "/v1/me") {
		return nil
	}
	var err error
	s.Secrets.RootKey, err = newKey(ctx, root, "/v1/me/access-keys")
	return err
}

// works reports whether the key still signs in.
func (s *Seeder) works(ctx context.Context, key, path string) bool {
	return key != "" && s.Anyone.As(key).Get(ctx, path, nil) == nil
}

// newKey makes an access key; the secret is shown this once.
func newKey(ctx context.Context, c *client.Client, path string) (string, error) {
	var made struct {
		Key string `json:"key"`
	}
	err := c.Post(ctx, path, map[string]any{"name": "demo"}, &made)
	return made.Key, err
}

// providers makes one provider per outward channel.
func (s *Seeder) providers(ctx context.Context, operator *client.Client) error {
	host, port, _ := strings.Cut(s.Sandbox.SMTPAddress(), ":")
	return errors.Join(
		s.ensure(ctx, operator, "/v1/providers", "sandbox-mail", map[string]any{
			"kind": "smtp", "settings": map[string]string{
				"host": host, "port": port, "tls": "none", "auth": "none", "from": "belfry@belfry.example", "from_name": "Belfry",
			},
		}),
		s.ensure(ctx, operator, "/v1/providers", "sandbox-sms", map[string]any{
			"kind": "sms_http", "settings": map[string]string{
				"url": s.Sandbox.SMSURL(), "allow_http": "true", "allow_port": strconv.Itoa(portOf(s.Sandbox.URL())),
				"id_path": "id", "message_path": "message",
			},
		}),
		s.ensure(ctx, operator, "/v1/providers", "webhook", map[string]any{
			"kind": "webhook", "settings": map[string]string{
				"allow_http": "true", "ports": strconv.Itoa(portOf(s.Sandbox.URL())),
			},
		}),
	)
}

// bot makes the account's webhook, whose receiver is the sink.
func (s *Seeder) bot(ctx context.Context, root *client.Client) error {
	return s.ensure(ctx, root, "/v1/bots", botName, map[string]any{
		"channel": "webhook",
		"secrets": map[string]string{"url": s.Sandbox.WebhookURL(), "secret": s.Secrets.WebhookSecret},
	})
}

// item is what is read of anything in a list.
type item struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Alias string `json:"alias"`
}

// find returns the item whose field has the value; zero when there is none.
func find(ctx context.Context, c *client.Client, path, field, value string) (item, error) {
	cursor := ""
	for {
		var list struct {
			Items      []item `json:"items"`
			NextCursor string `json:"next_cursor"`
		}
		err := c.Get(ctx, path+"?"+url.Values{"limit": {"100"}, "cursor": {cursor}}.Encode(), &list)
		if err != nil {
			return item{}, err
		}
		for _, i := range list.Items {
			if (field == "alias" && i.Alias == value) || (field == "name" && i.Name == value) {
				return i, nil
			}
		}
		if cursor = list.NextCursor; cursor == "" {
			return item{}, nil
		}
	}
}

// ensure makes the named thing; where it is there already, it follows the sandbox
// when that moved.
func (s *Seeder) ensure(ctx context.Context, c *client.Client, path, name string, body map[string]any) error {
	body["name"] = name
	found, err := find(ctx, c, path, "name", name)
	if err != nil {
		return err
	}
	if found.ID == "" {
		return c.Post(ctx, path, body, nil)
	}
	if s.Secrets.Sinks == s.sinks() {
		return nil
	}
	delete(body, "kind")
	delete(body, "channel")
	return c.Call(ctx, http.MethodPatch, path+"/"+found.ID, body, nil)
}

// portOf is the number at the end of an address or URL without a path.
func portOf(address string) int {
	port, err := strconv.Atoi(address[strings.LastIndex(address, ":")+1:])
	if err != nil {
		return 0 // the address is one of ours: it has a port
	}
	return port
}
