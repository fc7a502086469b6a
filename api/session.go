package api

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// Sign-ins are throttled by name and by source, wrong ones and right ones alike; a
// right one clears its name.
const (
	signInWindow  = 15 * time.Minute
	signInPerName = 10
	signInPerIP   = 100
)

func registerSessions(s *server) {
	register(s, operation{
		Action: "session.create", Method: http.MethodPost, Path: "/v1/sessions", Status: http.StatusCreated, Public: true, SignsIn: true,
		Summary:     "Sign in",
		Description: "Ten attempts for one name, and a hundred from one source, in 15 minutes; then 429.",
	}, s.createSession)
	register(s, operation{
		Action: "session.list", Method: http.MethodGet, Path: "/v1/me/sessions",
		Summary: "List where I am signed in",
	}, s.listSessions)
	register(s, operation{
		Action: "session.delete", Method: http.MethodDelete, Path: "/v1/me/sessions/{id}",
		Summary: "Sign out", Description: `The id "current" is the session of the request.`,
	}, s.deleteSession)
}

type createSessionIn struct {
	Body struct {
		Account  string `json:"account" minLength:"1" maxLength:"40" doc:"The account's alias or id; platform for operators."`
		Name     string `json:"name" minLength:"1" maxLength:"64"`
		Password string `json:"password" format:"password" minLength:"1" maxLength:"128"`
		Cookie   bool   `json:"cookie,omitempty" doc:"For browsers: the token goes into a cookie and not into the answer."`
	}
}

type sessionView struct {
	ID         string    `json:"id"`
	IP         string    `json:"ip"`
	UserAgent  string    `json:"user_agent"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
	ExpiresAt  time.Time `json:"expires_at"`
	Current    bool      `json:"current" doc:"Whether it is the session of the request."`
}

func viewSession(current string) func(models.Session) sessionView {
	return func(x models.Session) sessionView {
		return sessionView{
			ID: x.ID, IP: x.IP, UserAgent: x.UserAgent, CreatedAt: x.CreatedAt, LastSeenAt: x.LastSeenAt,
			ExpiresAt: x.ExpiresAt, Current: x.ID == current,
		}
	}
}

type createSessionOut struct {
	Location  string `header:"Location"`
	SetCookie string `header:"Set-Cookie"`
	Body      struct {
		Token   string      `json:"token,omitempty" doc:"To be sent as Authorization: Bearer; absent with a cookie."`
		Session sessionView `json:"session"`
		User    userView    `json:"user"`
		Account accountName `json:"account"`
	}
}

// accountName is enough to show where somebody is.
type accountName struct {
	ID    models.AccountID `json:"id"`
	Alias string           `json:"alias"`
	Name  string           `json:"name"`
}

func (s *server) createSession(ctx context.Context, c *Call, in *createSessionIn) (*createSessionOut, error) {
	name := in.Body.Account + "\x00" + in.Body.Name
	if err := s.throttleSignIn(ctx, c.Origin.IP, name); err != nil {
		return nil, err
	}
	user, account, err := s.checkPassword(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if err := s.store.Forgive(ctx, "sign-in name "+name); err != nil {
		return nil, err
	}
	return commit(ctx, c, s.store, func(tx *store.Tx) (*createSessionOut, error) {
		secret, hash := newSecret()
		session := models.Session{
			UserID: user.ID, Hash: hash, IP: c.Origin.IP, UserAgent: c.Origin.UserAgent,
			CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(s.config.SessionLife),
		}
		if err := tx.In(user.AccountID).CreateSession(ctx, &session); err != nil {
			return nil, err
		}
		out := &createSessionOut{Location: "/v1/me/sessions/" + session.ID}
		out.Body.Session = viewSession(session.ID)(session)
		out.Body.User, out.Body.Account = viewUser(user), accountName{account.ID, account.Alias, account.Name}
		if in.Body.Cookie {
			out.SetCookie = sessionCookie(sessionPrefix+secret, s.config.SessionLife)
		} else {
			out.Body.Token = sessionPrefix + secret
		}
		c.Object("session", session.ID, user.Name)
		c.Change(nil, out.Body.Session)
		return out, nil
	})
}

// throttleSignIn counts the attempt. Code rate-limited.
func (s *server) throttleSignIn(ctx context.Context, ip, name string) error {
	if err := s.hit(ctx, "sign-in source "+sourceOf(ip), signInPerIP); err != nil {
		return err
	}
	return s.hit(ctx, "sign-in name "+name, signInPerName)
}

func (s *server) hit(ctx context.Context, bucket string, limit int64) error {
	wait, err := s.store.Hit(ctx, bucket, limit, signInWindow)
	if err != nil || wait <= 0 {
		return err
	}
	limited := models.Errorf(models.CodeRateLimited, "Too many attempts to sign in. Please wait.")
	limited.RetryAfter = wait
	return limited
}

// sourceOf is the network that one customer of a provider has: the address for
// IPv4, the first 64 bits for IPv6.
func sourceOf(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil || addr.Unmap().Is4() {
		return ip
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return ip
	}
	return prefix.String()
}

// checkPassword returns whose password it is. Nobody and somebody with another
// password take the same time and get the same answer; the attempt on somebody is
// recorded in the account's operation log.
func (s *server) checkPassword(ctx context.Context, c *Call, in *createSessionIn) (models.User, models.Account, error) {
	user, account, err := s.findPerson(ctx, in.Body.Account, in.Body.Name)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return user, account, err
	}
	matches, err := s.passwords.Matches(ctx, in.Body.Password, user.PasswordHash)
	if err != nil {
		return user, account, err
	}
	if user.ID == "" {
		return user, account, unauthenticated()
	}
	c.ActAs(personActor(user))
	if !matches || !user.Enabled || !account.Enabled {
		return user, account, unauthenticated()
	}
	return user, account, nil
}

func (s *server) findPerson(ctx context.Context, accountRef, name string) (models.User, models.Account, error) {
	account, err := s.store.Platform().AccountByAlias(ctx, accountRef)
	if models.CodeOf(err) == models.CodeNotFound {
		account, err = s.store.Platform().Account(ctx, models.AccountID(accountRef))
	}
	if err != nil {
		return models.User{}, models.Account{}, err
	}
	user, err := s.store.In(account.ID).UserByName(ctx, name)
	return user, account, err
}

// sessionCookie is the Set-Cookie of a token; a life of zero deletes the cookie.
func sessionCookie(token string, life time.Duration) string {
	cookie := &http.Cookie{
		Name: cookieName, Value: token, Path: "/", MaxAge: int(life.Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if life == 0 {
		cookie.MaxAge = -1
	}
	return cookie.String()
}

type listSessionsIn struct {
	Listing
}

func (s *server) listSessions(ctx context.Context, c *Call, in *listSessionsIn) (*listOut[sessionView], error) {
	p, err := c.paging(in.Listing)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.store.In(c.Account()).Sessions(ctx, c.Actor.ID, p.page)
	return listed(p, rows, next, viewSession(c.Actor.SessionID)), err
}

type deleteSessionIn struct {
	ID string `path:"id" pattern:"^(current|ses_[0-9a-f]{32})$"`
}

type deleteSessionOut struct {
	SetCookie string `header:"Set-Cookie"`
}

func (s *server) deleteSession(ctx context.Context, c *Call, in *deleteSessionIn) (*deleteSessionOut, error) {
	id := in.ID
	if id == "current" {
		id = c.Actor.SessionID
	}
	return commit(ctx, c, s.store, func(tx *store.Tx) (*deleteSessionOut, error) {
		session, err := tx.In(c.Account()).RevokeSession(ctx, c.Actor.ID, id)
		if err != nil {
			return nil, err
		}
		c.Object("session", id, c.Actor.Name)
		c.Change(viewSession(c.Actor.SessionID)(session), nil)
		out := &deleteSessionOut{}
		if id == c.Actor.SessionID {
			out.SetCookie = sessionCookie("", 0)
		}
		return out, nil
	})
}
