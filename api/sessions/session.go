package sessions

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"belfry.dev/belfry/api/access"
	"belfry.dev/belfry/api/credential"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/recipients"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/signin"
	"belfry.dev/belfry/store"
)

// deviceCookie is where a browser keeps that it signed in before.
const deviceCookie = "__Host-belfry-device"

func describeSessions() map[string]operation.Operation {
	return map[string]operation.Operation{
		"session.create": {
			Public: true, SignsIn: true,
			Summary:     "Sign in",
			Description: "Wrong passwords make further attempts at the name from the same network wait, longer each time, and many of them make the network wait: 429 says how long. Nobody else waits, and neither does a device that signed in before.",
		},
		"session.list": {
			Summary:     "List where I am signed in",
			Description: "Where and when each was begun and last used.",
		},
		"session.delete": {
			Summary: "Sign out", Description: `The id "current" is the session of the request.`,
		},
	}
}

type createSessionIn struct {
	Body struct {
		Account  string `json:"account" minLength:"1" maxLength:"40" doc:"The account's alias or id; platform for operators."`
		Name     string `json:"name" minLength:"1" maxLength:"64"`
		Password string `json:"password" format:"password" minLength:"1" maxLength:"128"`
		Cookie   bool   `json:"cookie,omitempty" doc:"For browsers: the tokens go into cookies and not into the answer."`
		Device   string `json:"device,omitempty" maxLength:"200" doc:"The device's token of an earlier sign-in: attempts from it do not wait for others. Browsers have it in a cookie."`
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
	Location  string   `header:"Location"`
	SetCookie []string `header:"Set-Cookie"`
	Body      struct {
		Token   string                 `json:"token,omitempty" doc:"To be sent as Authorization: Bearer; absent with a cookie."`
		Device  string                 `json:"device,omitempty" doc:"To be sent as device at the next sign-in; absent with a cookie."`
		Session sessionView            `json:"session"`
		User    access.UserView        `json:"user"`
		Account recipients.AccountName `json:"account"`
	}
}

func createSession(ctx context.Context, c *operation.Call, in *createSessionIn) (*createSessionOut, error) {
	user, account, err := findPerson(ctx, c.Core, in.Body.Account, in.Body.Name)
	if err != nil {
		return nil, err
	}
	// An account's alias and its id are one name.
	tries := triesOf(c, in, user, cmp.Or(string(account.ID), in.Body.Account))
	if err := c.Store.Limits().Try(ctx, tries...); err != nil {
		return nil, err
	}
	if err := checkPassword(ctx, c, in.Body.Password, user, account); err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[createSessionOut], error) {
		if err := stillTheirs(ctx, tx, user); err != nil {
			return nil, err
		}
		if err := tx.Return(ctx, tries...); err != nil {
			return nil, err
		}
		secret, hash := credential.NewSecret()
		session := models.Session{
			UserID: user.ID, Hash: hash, IP: c.Origin.IP, UserAgent: c.Origin.UserAgent,
			CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(c.Config.SessionLife),
		}
		if err := tx.In(user.AccountID).Sessions().Create(ctx, &session); err != nil {
			return nil, err
		}
		out := &createSessionOut{Location: "/v1/me/sessions/" + session.ID}
		out.Body.Session = viewSession(session.ID)(session)
		out.Body.User, out.Body.Account = access.ViewUser(user), recipients.AccountName{ID: account.ID, Alias: account.Alias, Name: account.Name}
		device := c.Store.Vault().KnowDevice(user.ID, tx.Now().Add(c.Config.SignIn.DeviceLife))
		if in.Body.Cookie {
			out.SetCookie = []string{
				sessionCookie(credential.OfSession(secret), c.Config.SessionLife), cookieOf(deviceCookie, device, c.Config.SignIn.DeviceLife),
			}
		} else {
			out.Body.Token, out.Body.Device = credential.OfSession(secret), device
		}
		return operation.Did(out, operation.Of("session", session.ID, user.Name), nil, out.Body.Session), nil
	})
}

// triesOf is what the attempt uses up. Sessions that exist use up nothing, a known device
// its own share only: nobody can keep people out by guessing at their name.
func triesOf(c *operation.Call, in *createSessionIn, user models.User, account string) []signin.Allowance {
	rules, network := c.Config.SignIn, signin.NetworkOf(c.Origin.IP)
	device := cmp.Or(in.Body.Device, c.Cookie(deviceCookie))
	if id, known := c.Store.Vault().KnownDevice(user.ID, device, c.Store.Now()); known {
		return []signin.Allowance{rules.OfDevice(id)}
	}
	return []signin.Allowance{rules.OfNetwork(network), rules.OfName(account, in.Body.Name, network)}
}

// stillTheirs refuses a password that was changed, or its user's, since it was
// checked: that change ends all sessions, and must find this one or keep it out.
func stillTheirs(ctx context.Context, tx *store.Tx, checked models.User) error {
	user, err := tx.In(checked.AccountID).Users().Lock(ctx, checked.ID)
	switch {
	case models.CodeOf(err) == models.CodeNotFound:
		return wrongPassword()
	case err != nil:
		return err
	case user.PasswordHash != checked.PasswordHash || !user.Enabled:
		return wrongPassword()
	}
	return nil
}

// checkPassword checks that the password is the user's, who is zero for nobody.
// Nobody and somebody with another password take the same time and get the same
// answer; the attempt on somebody is recorded in the account's operation log.
func checkPassword(ctx context.Context, c *operation.Call, password string, user models.User, account models.Account) error {
	matches, err := c.Passwords.Matches(ctx, password, user.PasswordHash)
	if err != nil {
		return err
	}
	if user.ID == "" {
		return refuseNobody(ctx, c)
	}
	c.ActAs(user.Actor())
	if !matches || !user.Enabled || !account.Enabled {
		return wrongPassword()
	}
	return nil
}

// refuseNobody writes something, as the attempt on somebody is written to the
// operation log: the time that takes would tell who exists.
func refuseNobody(ctx context.Context, c *operation.Call) error {
	if _, err := c.Store.Limits().Hit(ctx, "sign-in of nobody from "+signin.NetworkOf(c.Origin.IP), 1, time.Minute); err != nil {
		return err
	}
	return wrongPassword()
}

// wrongPassword is for people, and the same whatever is wrong.
func wrongPassword() error {
	return models.Errorf(models.CodeUnauthenticated, "The name or the password is wrong.")
}

// findPerson returns who signs in with the name and the account's alias or id; a
// zero user, or account, when there is none.
func findPerson(ctx context.Context, s *operation.Core, accountRef, name string) (models.User, models.Account, error) {
	account, err := s.Store.Platform().Accounts().ByAlias(ctx, accountRef)
	if models.CodeOf(err) == models.CodeNotFound {
		account, err = s.Store.Platform().Accounts().ByID(ctx, models.AccountID(accountRef))
	}
	if err != nil {
		return models.User{}, models.Account{}, unlessMissing(err)
	}
	user, err := s.Store.In(account.ID).Users().ByName(ctx, name)
	return user, account, unlessMissing(err)
}

func unlessMissing(err error) error {
	if models.CodeOf(err) == models.CodeNotFound {
		return nil
	}
	return err
}

// sessionCookie is the Set-Cookie of a token; a life of zero deletes the cookie.
func sessionCookie(token string, life time.Duration) string {
	return cookieOf(credential.Cookie, token, life)
}

func cookieOf(name, token string, life time.Duration) string {
	cookie := &http.Cookie{
		Name: name, Value: token, Path: "/", MaxAge: int(life.Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if life == 0 {
		cookie.MaxAge = -1
	}
	return cookie.String()
}

type listSessionsIn struct {
	operation.Listing
}

func listSessions(ctx context.Context, c *operation.Call, in *listSessionsIn) (*operation.ListOut[sessionView], error) {
	p, err := c.Paging(in.Listing)
	if err != nil {
		return nil, err
	}
	rows, next, err := c.Store.In(c.Account()).Sessions().List(ctx, c.Actor.ID, p.Page)
	return operation.Listed(p, rows, next, viewSession(c.Actor.SessionID)), err
}

type deleteSessionIn struct {
	ID string `path:"id" pattern:"^(current|ses_[0-9a-f]{32})$"`
}

type deleteSessionOut struct {
	SetCookie string `header:"Set-Cookie"`
}

func deleteSession(ctx context.Context, c *operation.Call, in *deleteSessionIn) (*deleteSessionOut, error) {
	id := in.ID
	if id == "current" {
		id = c.Actor.SessionID
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[deleteSessionOut], error) {
		session, err := tx.In(c.Account()).Sessions().Revoke(ctx, c.Actor.ID, id)
		if err != nil {
			return nil, err
		}
		out := &deleteSessionOut{}
		if id == c.Actor.SessionID {
			out.SetCookie = sessionCookie("", 0)
		}
		return operation.Did(out, operation.Of("session", id, c.Actor.Name), viewSession(c.Actor.SessionID)(session), nil), nil
	})
}
