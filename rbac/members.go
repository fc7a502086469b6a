package rbac

import (
	"context"
	"strings"
	"sync"
	"time"

	"belfry.dev/belfry/models"
)

// maxRemembered bounds the memory for memberships; when it is full, all of it is
// dropped and read again.
const maxRemembered = 10_000

// members reads memberships and reuses them for a moment. Failures are never
// remembered.
type members struct {
	grants   Grants
	now      func() time.Time
	remember time.Duration

	mu    sync.Mutex
	known map[memberKey]membership
	// epoch counts the calls of forget: what was read before one is not kept.
	epoch int64
}

type memberKey struct {
	account models.AccountID
	subject string
}

type membership struct {
	roles []models.Role
	until time.Time
}

func newMembers(c Config) *members {
	remember := c.Remember
	if remember == 0 || remember > time.Second {
		remember = time.Second
	}
	return &members{grants: c.Grants, now: c.Now, remember: remember, known: map[memberKey]membership{}}
}

// roles lists the roles of the prefixed subject in the account. The caller must
// not change the list.
func (m *members) roles(ctx context.Context, account models.AccountID, subject string) ([]models.Role, error) {
	key := memberKey{account, subject}
	roles, epoch, ok := m.recall(key)
	if ok {
		return roles, nil
	}
	roles, err := m.read(ctx, account, subject)
	if err != nil {
		return nil, err
	}
	m.keep(key, roles, epoch)
	return roles, nil
}

func (m *members) read(ctx context.Context, account models.AccountID, subject string) ([]models.Role, error) {
	if id, ok := strings.CutPrefix(subject, prefixUser); ok {
		return m.grants.UserRoles(ctx, account, id)
	}
	if id, ok := strings.CutPrefix(subject, prefixKey); ok {
		return m.grants.KeyRoles(ctx, account, id)
	}
	return nil, errName
}

func (m *members) recall(key memberKey) ([]models.Role, int64, bool) {
	if m.remember < 0 {
		return nil, 0, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	known, ok := m.known[key]
	if !ok || !m.now().Before(known.until) {
		return nil, m.epoch, false
	}
	return known.roles, m.epoch, true
}

func (m *members) keep(key memberKey, roles []models.Role, epoch int64) {
	if m.remember < 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if epoch != m.epoch {
		return
	}
	if len(m.known) >= maxRemembered {
		clear(m.known)
	}
	m.known[key] = membership{roles: roles, until: m.now().Add(m.remember)}
}

func (m *members) forget(account models.AccountID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.epoch++
	for key := range m.known {
		if key.account == account {
			delete(m.known, key)
		}
	}
}
