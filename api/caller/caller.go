// Package caller finds out who sends a request, and remembers it for a moment.
package caller

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"belfry.dev/belfry/api/credential"
	"belfry.dev/belfry/internal/moment"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// touchEvery is how often the last use of a credential is recorded.
const touchEvery = time.Minute

// Callers are who signed in, as the database said a moment ago. What ends a
// credential in this process ends what is remembered here, too; what another process
// ended is over within moment.Longest.
type Callers struct {
	store *store.Store
	// idle ends a session after its last use.
	idle     time.Duration
	log      *slog.Logger
	keys     *moment.Memory[keySecret, store.KeyHolder]
	sessions *moment.Memory[secretHash, store.SignedIn]
	bells    *moment.Memory[string, store.SignedIn] // by token
	// products are who submits, by id.
	products *moment.Memory[string, models.Product]
}

// New remembers nobody yet. A session that was not used for as long as idle is over.
func New(s *store.Store, idle time.Duration, log *slog.Logger) *Callers {
	return &Callers{
		store: s, idle: idle, log: log,
		keys:     moment.New[keySecret, store.KeyHolder](s.Now, moment.Longest),
		sessions: moment.New[secretHash, store.SignedIn](s.Now, moment.Longest),
		bells:    moment.New[string, store.SignedIn](s.Now, moment.Longest),
		products: moment.New[string, models.Product](s.Now, moment.Longest),
	}
}

// Forget drops what is remembered of who may do what.
func (c *Callers) Forget() {
	c.keys.Forget()
	c.sessions.Forget()
	c.bells.Forget()
	c.products.Forget()
}

// Product returns a product that submits.
func (c *Callers) Product(ctx context.Context, id string) (models.Product, error) {
	return c.products.Get(id, func() (models.Product, error) { return c.store.Platform().Products().ByID(ctx, id) })
}

// unauthenticated is what everybody is told whose credential is no good.
func unauthenticated() error {
	return models.Errorf(models.CodeUnauthenticated, "Sign in, or send a valid access key.")
}

// Of returns who sends the request, proven by an Authorization header or
// else by the session's cookie. Whatever is wrong with a credential, the answer is
// the same.
func (c *Callers) Of(ctx context.Context, r *http.Request) (models.Actor, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) > 1 {
		return models.Actor{}, models.Errorf(models.CodeMalformed, "There must be one Authorization header.")
	}
	token := Cookie(r, credential.Cookie)
	if len(headers) == 1 {
		token = bearerToken(headers[0])
	}
	if id, secret, ok := credential.Key(token); ok {
		return c.byKey(ctx, id, secret)
	}
	if secret, ok := credential.Session(token); ok {
		return c.bySession(ctx, secret)
	}
	if credential.IsBell(token) {
		return c.byBell(ctx, token, r.Header.Get("Origin"))
	}
	return models.Actor{}, unauthenticated()
}

func bearerToken(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.Trim(token, " ") // RFC 9110: one or more blanks after the scheme
}

// Cookie returns the value of a cookie; "" without one.
func Cookie(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// secretHash is the SHA-256 of a secret.
type secretHash = [sha256.Size]byte

// keySecret is an access key as it was sent.
type keySecret struct {
	id   string
	hash secretHash
}

func (c *Callers) byKey(ctx context.Context, id, secret string) (models.Actor, error) {
	sent := keySecret{id, sha256.Sum256([]byte(secret))}
	holder, err := c.keys.Get(sent, func() (store.KeyHolder, error) { return c.readKey(ctx, sent) })
	if err != nil {
		return models.Actor{}, credentialError(err)
	}
	if !holder.Key.Usable(c.store.Now()) {
		return models.Actor{}, unauthenticated()
	}
	if holder.Key.OwnerKind == models.ActorProduct {
		return models.Actor{
			Kind: models.ActorProduct, ID: holder.Product.ID, Name: holder.Product.Name, Account: models.Platform, KeyID: id,
		}, nil
	}
	actor := holder.User.Actor()
	actor.KeyID = id
	return actor, nil
}

// readKey returns the key's holder, if the secret is right, and records the use.
func (c *Callers) readKey(ctx context.Context, sent keySecret) (store.KeyHolder, error) {
	holder, err := c.store.Platform().Credentials().OfKey(ctx, sent.id)
	if err != nil {
		return holder, err
	}
	if subtle.ConstantTimeCompare(holder.Key.Hash, sent.hash[:]) != 1 {
		return holder, models.NotFound()
	}
	if used := holder.Key.LastUsedAt; used == nil || c.store.Now().Sub(*used) > touchEvery {
		c.touch(ctx, holder.Key.AccountID, func(tx store.TxScope) error { return tx.AccessKeys().Touch(ctx, sent.id) })
	}
	return holder, nil
}

func (c *Callers) bySession(ctx context.Context, secret string) (models.Actor, error) {
	hash := sha256.Sum256([]byte(secret))
	in, err := c.sessions.Get(hash, func() (store.SignedIn, error) { return c.readSession(ctx, hash[:]) })
	if err != nil {
		return models.Actor{}, credentialError(err)
	}
	if !in.Session.Live(c.store.Now()) {
		return models.Actor{}, unauthenticated()
	}
	actor := in.User.Actor()
	actor.SessionID = in.Session.ID
	return actor, nil
}

// byBell returns whose inbox a page of another origin may show. The token is good there only,
// and for no longer than the credential that asked for it.
func (c *Callers) byBell(ctx context.Context, token, origin string) (models.Actor, error) {
	actor, err := c.store.Vault().OpenBell(token)
	if err != nil || actor.BellOrigin != origin || c.store.Now().Unix() >= actor.BellUntil {
		return models.Actor{}, unauthenticated()
	}
	in, err := c.bells.Get(token, func() (store.SignedIn, error) {
		return c.store.Platform().Credentials().OfBell(ctx, actor)
	})
	if err != nil {
		return models.Actor{}, credentialError(err)
	}
	actor.Name = in.User.Name
	return actor, nil
}

// readSession returns who is signed in, and records that the session is in use.
func (c *Callers) readSession(ctx context.Context, hash []byte) (store.SignedIn, error) {
	in, err := c.store.Platform().Credentials().SignedIn(ctx, hash)
	if err != nil {
		return in, err
	}
	idle := c.store.Now().Sub(in.Session.LastSeenAt)
	if idle > c.idle {
		return in, models.NotFound()
	}
	if idle > touchEvery {
		c.touch(ctx, in.Session.AccountID, func(tx store.TxScope) error { return tx.Sessions().Touch(ctx, in.Session.ID) })
	}
	return in, nil
}

// credentialError hides why a credential is no good, but not that the database
// cannot tell.
func credentialError(err error) error {
	if models.CodeOf(err) == models.CodeNotFound {
		return unauthenticated()
	}
	return err
}

// touch records a use; a request does not fail because of it.
func (c *Callers) touch(ctx context.Context, account models.AccountID, fn func(store.TxScope) error) {
	err := c.store.Write(ctx, func(tx *store.Tx) error { return fn(tx.In(account)) })
	if err != nil {
		c.log.Warn("use of a credential not recorded", "account_id", account, "error", err)
	}
}
