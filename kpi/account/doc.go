// Package account says who may see and do what. It is the whole table of rights, in one place ([Rights]); whoever serves a page or takes a form
// asks [Person.May] and nothing else.
//
// A person holds grants: a role, and the department that it is for where the role is one of a department. What a person may do is what any of
// the grants lets them. A right of a department's role reaches that department alone.
//
//	mayor             sees everything; decides in the meeting
//	chief of staff    runs the meeting for the mayor
//	analyst           looks after data, agenda and releases, of all departments
//	department head   answers for a department's results
//	department staff  enters a department's numbers and drafts
//	viewer            sees what staff sees, and changes nothing
//	administrator     looks after people and the audit trail, and after nothing else: who gives rights away has none over the numbers
//
// Nothing here knows a store, a password or a request.
package account
