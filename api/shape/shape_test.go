package shape_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"belfry.dev/belfry/api/shape"
)

type hiddenView struct {
	ID string `json:"id"`
}

// ShownView is exported, as embedded structs of answers must be.
type ShownView struct {
	ID string `json:"id"`
}

func TestEmbeddedStructsNeedAnExportedName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ of, want reflect.Type }{
		"exported":  {reflect.TypeFor[struct{ ShownView }](), nil},
		"a field":   {reflect.TypeFor[struct{ View hiddenView }](), nil},
		"private":   {reflect.TypeFor[struct{ hiddenView }](), reflect.TypeFor[hiddenView]()},
		"in a body": {reflect.TypeFor[*struct{ Body struct{ hiddenView } }](), reflect.TypeFor[hiddenView]()},
		"behind a field": {reflect.TypeFor[struct {
			View []map[string]struct{ *hiddenView }
		}](), reflect.TypeFor[*hiddenView]()},
	} {
		if got := shape.Hidden(reflect.TypeFor[string](), c.of); got != c.want {
			t.Errorf("%s: Hidden() = %v, want %v", name, got, c.want)
		}
	}
}

func TestObjectsThatAreNeverLeftOutMayBeNull(t *testing.T) {
	t.Parallel()
	type view struct {
		Is      ShownView  `json:"is"`
		Maybe   *ShownView `json:"maybe"`
		LeftOut *ShownView `json:"left_out,omitempty"`
		At      *time.Time `json:"at"`
		Text    *string    `json:"text"`
	}
	for _, of := range []reflect.Type{reflect.TypeFor[view](), reflect.TypeFor[struct{ view }]()} {
		if got := shape.Nullable(of); !slices.Equal(got, []string{"maybe"}) {
			t.Errorf("Nullable(%v) = %v, want maybe", of, got)
		}
	}
	if got := shape.Nullable(nil); got != nil {
		t.Errorf("Nullable(nil) = %v, want none", got)
	}
}

func TestMembersOfEmbeddedStructsAreFound(t *testing.T) {
	t.Parallel()
	type view struct{ ShownView }
	type detail struct {
		view
		*hiddenView
		Of hiddenView
		At time.Time `json:"at"`
	}
	want := []reflect.Type{reflect.TypeFor[view](), reflect.TypeFor[ShownView]()}
	if got := shape.Embedded(reflect.TypeFor[detail]()); !slices.Equal(got, want) {
		t.Errorf("Embedded() = %v, want %v", got, want)
	}
	if got := shape.Embedded(reflect.TypeFor[string]()); got != nil {
		t.Errorf("Embedded(string) = %v, want none", got)
	}
}
