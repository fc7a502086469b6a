package rbac

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"belfry.dev/belfry/models"
)

//go:embed policy.json
var policyText []byte

// Policy lists the roles that may perform each action. It is the same for every
// account; who holds a role is in the grants.
type Policy map[string][]models.Role

// actionPattern is the grammar of an action: "noun.verb" in lower-case words.
var actionPattern = regexp.MustCompile(`^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$`)

// Embedded returns the policy that is built in.
func Embedded() (Policy, error) { return ParsePolicy(policyText) }

// ParsePolicy reads a policy: a JSON object of actions, each with a list of
// roles. Unknown roles, malformed actions, empty lists and repetitions are errors.
func ParsePolicy(data []byte) (Policy, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("rbac: read policy: %w", err)
	}
	policy := Policy{}
	for decoder.More() {
		if err := policy.readRow(decoder); err != nil {
			return nil, err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("rbac: read the policy's end: %w", err)
	}
	return policy, nil
}

func (p Policy) readRow(decoder *json.Decoder) error {
	token, err := decoder.Token()
	if err != nil {
		return fmt.Errorf("rbac: read policy: %w", err)
	}
	action, _ := token.(string)
	if !actionPattern.MatchString(action) {
		return fmt.Errorf("rbac: %q is no action", action)
	}
	if _, twice := p[action]; twice {
		return fmt.Errorf("rbac: action %s stands twice", action)
	}
	var roles []models.Role
	if err := decoder.Decode(&roles); err != nil {
		return fmt.Errorf("rbac: roles of %s: %w", action, err)
	}
	if err := checkRoles(roles); err != nil {
		return fmt.Errorf("rbac: roles of %s: %w", action, err)
	}
	p[action] = roles
	return nil
}

func checkRoles(roles []models.Role) error {
	if len(roles) == 0 {
		return fmt.Errorf("none")
	}
	for i, role := range roles {
		if !slices.Contains(known(), role) {
			return fmt.Errorf("%q is unknown", role)
		}
		if slices.Contains(roles[:i], role) {
			return fmt.Errorf("%s stands twice", role)
		}
	}
	return nil
}

func known() []models.Role {
	return []models.Role{
		models.RoleMember, models.RoleRoot, models.RoleFullAccess, models.RoleReadOnly,
		models.RoleOperatorAdmin, models.RoleOperatorAuditor, models.RoleProduct,
	}
}

// Roles lists who may perform the action; nil when nobody may.
func (p Policy) Roles(action string) []models.Role { return p[action] }
