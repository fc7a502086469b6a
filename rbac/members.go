package rbac

import (
	"context"
	"strings"

	"belfry.dev/belfry/internal/moment"
	"belfry.dev/belfry/models"
)

// members reads memberships and reuses them for a moment. Failures are never
// remembered.
type members struct {
	grants Grants
	known  *moment.Memory[memberKey, []models.Role]
}

type memberKey struct {
	account models.AccountID
	subject string
}

func newMembers(c Config) *members {
	return &members{grants: c.Grants, known: moment.New[memberKey, []models.Role](c.Now, c.Remember)}
}

// roles lists the roles of the prefixed subject in the account. The caller must
// not change the list.
func (m *members) roles(ctx context.Context, account models.AccountID, subject string) ([]models.Role, error) {
	return m.known.Get(memberKey{account, subject}, func() ([]models.Role, error) {
		return m.read(ctx, account, subject)
	})
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
