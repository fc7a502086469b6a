package rbac

import (
	_ "embed"
	"errors"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"

	"belfry.dev/belfry/models"
)

//go:embed model.conf
var modelText string

// newEnforcer builds the enforcer of one action. Its policy never changes
// afterwards, which is what makes Casbin's plain enforcer safe for concurrent use.
func newEnforcer(action string, roles []models.Role) (*casbin.Enforcer, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, err
	}
	enforcer, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, err
	}
	enforcer.AddFunction("holds", holds)
	for _, role := range roles {
		if _, err := enforcer.AddPolicy(prefixRole+string(role), action); err != nil {
			return nil, err
		}
	}
	return enforcer, nil
}

// holds is the matcher's function: holds(caller, domain, role).
func holds(args ...any) (any, error) {
	if len(args) != 3 {
		return false, errors.New("rbac: holds wants three arguments")
	}
	who, isCaller := args[0].(*caller)
	domain, isDomain := args[1].(string)
	role, isRole := args[2].(string)
	if !isCaller || !isDomain || !isRole || domain == "" || domain != who.domain {
		return false, errName
	}
	return who.holds(role)
}
