package drill

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"belfry.dev/belfry/cmd/belfry/client"
	"belfry.dev/belfry/cmd/belfry/drill/sinks"
	"belfry.dev/belfry/cmd/belfry/drill/stage"
)

// accounts is how many accounts a drill has; the last one's mailbox does not exist.
const accounts = 5

// account is one of them.
type account struct {
	ID    string `json:"id"`
	alias string
	// key is an access key of its root user.
	key string
}

// cast is who takes part.
type cast struct {
	// product is the access key of the product that submits.
	product  string
	accounts []account
}

// made is what is read of the answer to a creation.
type made struct {
	ID    string `json:"id"`
	Key   string `json:"key"`
	Token string `json:"token"`
}

// populate makes accounts, a product and providers over the API, as operators and
// root users would.
func populate(ctx context.Context, base string, s *sinks.Sinks) (*cast, error) {
	anyone := client.New(base, "")
	operator, err := signIn(ctx, anyone, "platform", "admin")
	if err != nil {
		return nil, err
	}
	c := &cast{}
	for i := range accounts {
		a, err := newAccount(ctx, operator, s, i+1)
		if err != nil {
			return nil, err
		}
		c.accounts = append(c.accounts, a)
	}
	if err := provide(ctx, operator, s); err != nil {
		return nil, err
	}
	for i := range c.accounts {
		if err := equip(ctx, anyone, s, &c.accounts[i]); err != nil {
			return nil, err
		}
	}
	return c, c.newProduct(ctx, operator)
}

func signIn(ctx context.Context, anyone *client.Client, account, name string) (*client.Client, error) {
	var session made
	err := anyone.Post(ctx, "/v1/sessions", map[string]string{"account": account, "name": name, "password": stage.Password}, &session)
	return anyone.As(session.Token), err
}

// newAccount makes an account with a mailbox and a phone of its own.
func newAccount(ctx context.Context, operator *client.Client, s *sinks.Sinks, number int) (account, error) {
	a := account{alias: "drill-" + strconv.Itoa(number)}
	mailbox, phone := "ops@"+a.alias+".example", fmt.Sprintf("+86138001380%02d", number)
	if number == accounts {
		mailbox = sinks.NoMailbox + "@" + a.alias + ".example"
	}
	err := operator.Post(ctx, "/v1/accounts", map[string]any{
		"alias": a.alias, "name": a.alias, "language": "en-US", "root": map[string]any{"name": "root", "password": stage.Password},
		"addresses": []map[string]string{{"channel": "email", "value": mailbox}, {"channel": "sms", "value": phone}},
	}, &a)
	s.Own(mailbox, a.ID)
	s.Own(phone, a.ID)
	s.Own(a.alias, a.ID)
	return a, err
}

// provide makes one provider per outward channel.
func provide(ctx context.Context, operator *client.Client, s *sinks.Sinks) error {
	host, port, err := net.SplitHostPort(s.MailAddress())
	if err != nil {
		return err
	}
	_, web, err := net.SplitHostPort(s.WebAddress())
	if err != nil {
		return err
	}
	for _, provider := range []map[string]any{
		{"name": "mail", "kind": "smtp", "settings": map[string]string{
			"host": host, "port": port, "tls": "none", "auth": "none", "from": "belfry@belfry.example",
		}},
		{"name": "sms", "kind": "sms_http", "settings": map[string]string{
			"url": s.SMSURL(), "allow_http": "true", "allow_port": web, "id_path": "id", "message_path": "message", "outcomes": sinks.Outcomes,
		}},
		{"name": "webhook", "kind": "webhook", "settings": map[string]string{"allow_http": "true", "ports": web}},
	} {
		if err := operator.Post(ctx, "/v1/providers", provider, nil); err != nil {
			return err
		}
	}
	return nil
}

// equip gives an account a webhook, and its root user an access key.
func equip(ctx context.Context, anyone *client.Client, s *sinks.Sinks, a *account) error {
	root, err := signIn(ctx, anyone, a.alias, "root")
	if err != nil {
		return err
	}
	err = root.Post(ctx, "/v1/bots", map[string]any{
		"name": "drill", "channel": "webhook", "secrets": map[string]string{"url": s.WebhookURL(a.alias)},
	}, nil)
	if err != nil {
		return err
	}
	var key made
	err = root.Post(ctx, "/v1/me/access-keys", map[string]any{"name": "drill"}, &key)
	a.key = key.Key
	return err
}

func (c *cast) newProduct(ctx context.Context, operator *client.Client) error {
	ids := make([]string, 0, len(c.accounts))
	for _, a := range c.accounts {
		ids = append(ids, a.ID)
	}
	var product, key made
	err := operator.Post(ctx, "/v1/products", map[string]any{
		"name": "drill", "display_name": "Drill", "types": []string{"*"}, "accounts": ids,
	}, &product)
	if err != nil {
		return err
	}
	err = operator.Post(ctx, "/v1/products/"+product.ID+"/keys", map[string]any{"name": "drill"}, &key)
	c.product = key.Key
	return err
}
