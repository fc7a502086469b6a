package operation

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
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

// Unauthenticated is what everybody is told whose credential is no good.
func Unauthenticated() error {
	return models.Errorf(models.CodeUnauthenticated, "Sign in, or send a valid access key.")
}

// authenticate returns who sends the request, proven by an Authorization header or
// else by the session's cookie. Whatever is wrong with a credential, the answer is
// the same.
func (s *Core) authenticate(ctx context.Context, r *http.Request) (models.Actor, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) > 1 {
		return models.Actor{}, models.Errorf(models.CodeMalformed, "There must be one Authorization header.")
	}
	token := cookieValue(r, credential.Cookie)
	if len(headers) == 1 {
		token = bearerToken(headers[0])
	}
	if id, secret, ok := credential.Key(token); ok {
		return s.byKey(ctx, id, secret)
	}
	if secret, ok := credential.Session(token); ok {
		return s.bySession(ctx, secret)
	}
	return models.Actor{}, Unauthenticated()
}

func bearerToken(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.Trim(token, " ") // RFC 9110: one or more blanks after the scheme
}

func cookieValue(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// credentials are who signed in, as the database said a moment ago. What ends a
// credential in this process ends what is remembered here, too; what another process
// ended is over within moment.Longest.
type credentials struct {
	keys     *moment.Memory[keySecret, store.KeyHolder]
	sessions *moment.Memory[secretHash, store.SignedIn]
	// products are who submits, by id.
	products *moment.Memory[string, models.Product]
}

// secretHash is the SHA-256 of a secret.
type secretHash = [sha256.Size]byte

// keySecret is an access key as it was sent.
type keySecret struct {
	id   string
	hash secretHash
}

func newCredentials(now func() time.Time) credentials {
	return credentials{
		keys:     moment.New[keySecret, store.KeyHolder](now, moment.Longest),
		sessions: moment.New[secretHash, store.SignedIn](now, moment.Longest),
		products: moment.New[string, models.Product](now, moment.Longest),
	}
}

// forget drops what is remembered of who may do what.
func (s *Core) forget() {
	s.Rbac.Forget()
	s.credentials.keys.Forget()
	s.credentials.sessions.Forget()
	s.credentials.products.Forget()
}

func (s *Core) byKey(ctx context.Context, id, secret string) (models.Actor, error) {
	sent := keySecret{id, sha256.Sum256([]byte(secret))}
	holder, err := s.credentials.keys.Get(sent, func() (store.KeyHolder, error) { return s.readKey(ctx, sent) })
	if err != nil {
		return models.Actor{}, credentialError(err)
	}
	if !holder.Key.Usable(s.Store.Now()) {
		return models.Actor{}, Unauthenticated()
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
func (s *Core) readKey(ctx context.Context, sent keySecret) (store.KeyHolder, error) {
	holder, err := s.Store.Platform().Credentials().OfKey(ctx, sent.id)
	if err != nil {
		return holder, err
	}
	if subtle.ConstantTimeCompare(holder.Key.Hash, sent.hash[:]) != 1 {
		return holder, models.NotFound()
	}
	if used := holder.Key.LastUsedAt; used == nil || s.Store.Now().Sub(*used) > touchEvery {
		s.touch(ctx, holder.Key.AccountID, func(tx store.TxScope) error { return tx.AccessKeys().Touch(ctx, sent.id) })
	}
	return holder, nil
}

func (s *Core) bySession(ctx context.Context, secret string) (models.Actor, error) {
	hash := sha256.Sum256([]byte(secret))
	in, err := s.credentials.sessions.Get(hash, func() (store.SignedIn, error) { return s.readSession(ctx, hash[:]) })
	if err != nil {
		return models.Actor{}, credentialError(err)
	}
	if !in.Session.Live(s.Store.Now()) {
		return models.Actor{}, Unauthenticated()
	}
	actor := in.User.Actor()
	actor.SessionID = in.Session.ID
	return actor, nil
}

// readSession returns who is signed in, and records that the session is in use.
func (s *Core) readSession(ctx context.Context, hash []byte) (store.SignedIn, error) {
	in, err := s.Store.Platform().Credentials().SignedIn(ctx, hash)
	if err != nil {
		return in, err
	}
	idle := s.Store.Now().Sub(in.Session.LastSeenAt)
	if idle > s.Config.SessionIdle {
		return in, models.NotFound()
	}
	if idle > touchEvery {
		s.touch(ctx, in.Session.AccountID, func(tx store.TxScope) error { return tx.Sessions().Touch(ctx, in.Session.ID) })
	}
	return in, nil
}

// credentialError hides why a credential is no good, but not that the database
// cannot tell.
func credentialError(err error) error {
	if models.CodeOf(err) == models.CodeNotFound {
		return Unauthenticated()
	}
	return err
}

// touch records a use; a request does not fail because of it.
func (s *Core) touch(ctx context.Context, account models.AccountID, fn func(store.TxScope) error) {
	err := s.Store.Write(ctx, func(tx *store.Tx) error { return fn(tx.In(account)) })
	if err != nil {
		s.Log.Warn("use of a credential not recorded", "account_id", account, "error", err)
	}
}
