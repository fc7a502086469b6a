package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/text"
)

// SignedIn is a live session with whom it signs in.
type SignedIn struct {
	Session models.Session
	User    models.User
	Account models.Account
}

// Credentials reads whom a credential stands for.
type Credentials struct{ p Platform }

// Credentials returns whom a credential stands for.
func (p Platform) Credentials() Credentials { return Credentials{p: p} }

// SignedIn returns the session whose token has the SHA-256. Code not-found: it is
// unknown, expired or revoked, or its user or account is disabled or gone.
// Indexes: sessions_hash, primary keys.
func (h Credentials) SignedIn(ctx context.Context, hash []byte) (SignedIn, error) {
	var in SignedIn
	q := h.p.rows(ctx, "the token alone says whose it is")
	if err := q.Where("hash = ?", hash).Take(&in.Session).Error; err != nil {
		return SignedIn{}, failed("read session", err)
	}
	if !in.Session.Live(h.p.now()) {
		return SignedIn{}, models.NotFound()
	}
	var err error
	in.User, in.Account, err = h.person(ctx, in.Session.AccountID, in.Session.UserID)
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// person returns an enabled user of an enabled account.
func (h Credentials) person(ctx context.Context, account models.AccountID, user string) (models.User, models.Account, error) {
	scope := Scope{account: account, db: h.p.db, vault: h.p.vault, now: h.p.now}
	u, err := scope.Users().ByID(ctx, user)
	if err != nil {
		return u, models.Account{}, err
	}
	a, err := h.p.Accounts().ByID(ctx, account)
	if err != nil {
		return u, a, err
	}
	if !u.Enabled || !a.Enabled {
		return models.User{}, models.Account{}, models.NotFound()
	}
	return u, a, nil
}

// Sessions reads the sessions of the account's users.
type Sessions struct{ sc Scope }

// Sessions returns the sessions of the account's users.
func (sc Scope) Sessions() Sessions { return Sessions{sc: sc} }

// TxSessions reads and changes the sessions of the account's users, in a transaction.
type TxSessions struct {
	Sessions
	tx TxScope
}

// Sessions returns the sessions of the account's users, inside the transaction.
func (tx TxScope) Sessions() TxSessions { return TxSessions{Sessions: tx.Scope.Sessions(), tx: tx} }

// List returns a page of the user's live sessions, newest first. Index:
// sessions_user.
func (h Sessions) List(ctx context.Context, user string, page Page) ([]models.Session, string, error) {
	q := h.sc.rows(ctx).Where("user_id = ?", user).Where("revoked_at IS NULL").Where("expires_at > ?", h.sc.now())
	return newest(q, page, func(s models.Session) (time.Time, string) { return s.CreatedAt, s.ID })
}

// Create inserts the session; it fills in id, account and times. The
// caller sets user, hash, origin and expiry.
func (h TxSessions) Create(ctx context.Context, s *models.Session) error {
	s.ID, s.AccountID, s.LastSeenAt = NewID(models.KindSession), h.tx.account, h.tx.now()
	s.UserAgent, s.IP = text.Head(s.UserAgent, 512), text.Head(s.IP, 64)
	return failed("create session", h.tx.insert(ctx, s))
}

// Touch records that the session was used now.
func (h TxSessions) Touch(ctx context.Context, id string) error {
	err := h.tx.rows(ctx).Model(&models.Session{}).Where("id = ?", id).Update("last_seen_at", h.tx.now()).Error
	return failed("touch session", err)
}

// Revoke ends the user's session; repeating it changes nothing. It returns
// the session. Code not-found: the user has no such session.
func (h TxSessions) Revoke(ctx context.Context, user, id string) (models.Session, error) {
	s, err := one[models.Session]("lock session", forUpdate(h.tx.rows(ctx).Where("user_id = ?", user)), id)
	if err != nil || s.RevokedAt != nil {
		return s, err
	}
	now := h.tx.now()
	err = h.tx.rows(ctx).Model(&models.Session{}).Where("id = ?", id).Update("revoked_at", now).Error
	s.RevokedAt = &now
	return s, failed("revoke session", err)
}

// RevokeAll ends all sessions of the user but the one given, which may be
// "". It returns how many it ended.
func (h TxSessions) RevokeAll(ctx context.Context, user, except string) (int64, error) {
	result := h.tx.rows(ctx).Model(&models.Session{}).
		Where("user_id = ?", user).Where("id <> ?", except).Where("revoked_at IS NULL").
		Update("revoked_at", h.tx.now())
	return result.RowsAffected, failed("revoke sessions", result.Error)
}
