{# ISO 3166-1 alpha-2, and XK, which is in common use for Kosovo. #}
{% macro sendable_countries() %}
    {{ return((
        'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS '
        ~ 'BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE '
        ~ 'EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM '
        ~ 'HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC '
        ~ 'LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA '
        ~ 'NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW '
        ~ 'SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO '
        ~ 'TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW '
        ~ 'XK'
    ).split(' ')) }}
{% endmacro %}


{#
  https://www.braze.com/docs/user_guide/data/unification/user_data/language_codes, read 2026-11-22
#}
{% macro sendable_languages() %}
    {{ return((
        'af agq ak am ar as asa ay az bas be bem bez bg bm bn bo br brx bs ca cgg chr cs cy da dav de dje '
        ~ 'dua dyo dz ebu ee el en eo es et eu ewo fa ff fi fil fo fr ga gd gl gn gsw gu guz gv ha haw he '
        ~ 'hi hr hu hy id ig ii is it iu ja jmc jv ka kab kam kde kea khq ki kk kl kln km kn ko kok ks ksb '
        ~ 'ksf ku kw ky la lb lg ln lo lt lu luo luy lv mas mer mfe mg mgh mk ml mn mo mr ms mt mua my naq '
        ~ 'nb nd ne nl nn nus nyn om or pa pl ps pt qu rm rn ro rof ru rw rwk sa saq sbp sd se seh ses shi '
        ~ 'si sk sl sn so sq sr su sv sw swc ta te teo tg th ti tk tl to tr tt twq tzm ug uk ur uz vai vi '
        ~ 'vun xh xog yav yi yo zh zu'
    ).split(' ')) }}
{% endmacro %}
