package models

// AddressKind is what the addresses of a channel are, as the channel says about itself: no
// other room asks for its name. The zero value takes no address.
type AddressKind struct {
	// Form names what an address looks like: "email", "phone". Channels may share one.
	Form string
	// Labels name an address by locale, Example is one.
	Labels  map[Locale]string
	Example string
	// Normalise returns the form that addresses are compared by and sent to, or the code of
	// what is wrong. Refusals are its codes with what they say about an address.
	Normalise func(value string) (key, code string)
	Refusals  map[string]string
	// Country returns the country or territory of an address in normal form, as in ISO
	// 3166; nil where addresses belong to none.
	Country func(key string) string
	// Within reports whether an address in normal form is of the domain or of one below it;
	// nil where addresses have none.
	Within func(key, domain string) bool
	// Proof is how its owner proves an address.
	Proof AddressProof
	// Metered says that every message costs its operator, by country, and is read at once:
	// messages that ask for proof are limited by country and in all, and carry a code that
	// ends sooner.
	Metered bool
}

// AddressProof is how an address is proven.
type AddressProof string

// Ways to prove an address.
const (
	// ProofByMessage asks at the address itself: a link, and a code. It is the default.
	ProofByMessage AddressProof = ""
	// ProofByLookUp asks the platform whom the address belongs to; nobody is written to.
	ProofByLookUp AddressProof = "look_up"
	// ProofNeedless takes an address as it is given.
	ProofNeedless AddressProof = "none"
)

// CodeUnknownChannel is of an address of a channel that takes none.
const CodeUnknownChannel = "unknown-channel"

// Begin is the state of a new address that would begin in the one given: nobody waits for
// proof where none is needed.
func (k AddressKind) Begin(state AddressState) AddressState {
	if k.Proof == ProofNeedless && state == AddressPending {
		return AddressVerified
	}
	return state
}

// AddressKinds are what the addresses of each channel to people are.
type AddressKinds map[Channel]AddressKind

// Normalise returns the normal form of an address of the channel, or the code of what is
// wrong: CodeUnknownChannel where the channel takes none.
func (k AddressKinds) Normalise(c Channel, value string) (key, code string) {
	kind := k[c]
	if kind.Normalise == nil {
		return "", CodeUnknownChannel
	}
	return kind.Normalise(value)
}
