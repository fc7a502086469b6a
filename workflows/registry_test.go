package workflows_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/workflows"
)

// registry remembers the names of what is registered.
type registry map[string]bool

func (r registry) RegisterWorkflowWithOptions(_ any, o workflow.RegisterOptions) { r[o.Name] = true }

func TestEveryKindOfEntityHasItsWorkflowAndItsStep(t *testing.T) {
	t.Parallel()
	registered := registry{}
	workflows.New(workflows.Policies{}).Register(registered)
	steps := reflect.TypeFor[*activities.Activities]()
	prefixes := map[models.Kind]bool{}
	for _, kind := range models.EntityTypes() {
		assert.True(t, registered[kind.Workflow], "nothing is registered as %q", kind.Workflow)
		_, exists := steps.MethodByName(kind.Step)
		assert.True(t, exists, "there is no activity %q", kind.Step)
		assert.False(t, prefixes[kind.IDs], "two kinds have ids that begin with %q", kind.IDs)
		prefixes[kind.IDs] = true
	}
	assert.Len(t, registered, len(models.EntityTypes())+1, "with that of retention")
}
