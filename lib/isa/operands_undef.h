// SPDX-License-Identifier: Apache-2.0
// Ends one reading of isa.def's operand words; no guard, since each reading needs it.
#undef U8
#undef U16
#undef U32
#undef F32
#undef TYPE
#undef TYPE_LOW
#undef TYPE_HIGH
#undef ALU
#undef ACT
#undef AP2
#undef AP3
#undef AP4
#undef NAME
#undef NO_OPERANDS
